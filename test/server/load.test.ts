/** Which requests are let in, and which connections are closed to make room. */
import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Load, SMALL, type Visit } from '../../src/server/load.ts';

const KIB = 1024;
const LIMITS = { requests: 2, bytes: 1_000 * KIB, deadline: 3_000 };
/** Bytes that bodies which are not small may take. */
const FOR_LARGE = 750 * KIB;

// The event loop goes on as it is; only the clock stands still.
beforeEach(() => void jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] }));
afterEach(() => void jest.useRealTimers());

/** Stands for the answer that is still to be sent. */
class Client extends EventEmitter {
  closed = false;
  destroy(): void {
    this.closed = true;
    this.emit('close');
  }
}

function enter(load: Load, expected = 0): { readonly client: Client; readonly visit: Visit | null } {
  const client = new Client();
  return { client, visit: load.enter(client as unknown as ServerResponse, expected) };
}

function entered(load: Load): { readonly client: Client; readonly visit: Visit } {
  const { client, visit } = enter(load);
  if (visit === null) throw new Error('shed');
  return { client, visit };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('requests', () => {
  test('a request whose body is still arriving takes no place', async () => {
    const load = new Load(LIMITS);
    for (let count = 0; count < 1_000; count++) entered(load);
    expect(await load.judge(entered(load).visit, 100)).toBe(true);
  });

  test('a limited number is judged at once; an answer, or a client that leaves, makes room', async () => {
    const load = new Load(LIMITS);
    const [first, second] = [entered(load), entered(load)];
    for (const { visit } of [first, second]) await load.judge(visit, 100);
    expect(enter(load).visit).toBeNull();
    load.answer(first.visit, 100);
    expect(enter(load).visit).not.toBeNull();
    await load.judge(entered(load).visit, 100);
    expect(enter(load).visit).toBeNull();
    second.client.destroy();
    expect(enter(load).visit).not.toBeNull();
  });

  test('a long turn of the event loop lets no request in; the next turn does', async () => {
    const load = new Load(LIMITS);
    entered(load);
    jest.advanceTimersByTime(61);
    for (let count = 1; count < 16; count++) entered(load);
    expect(enter(load).visit).toBeNull();
    await turn();
    expect(enter(load).visit).not.toBeNull();
  });
});

describe('bytes', () => {
  test('a body that is announced must have room, but holds only what has come', () => {
    const load = new Load(LIMITS);
    expect(enter(load, FOR_LARGE + 1).visit).toBeNull();
    for (let count = 0; count < 100; count++) expect(enter(load, FOR_LARGE).visit).not.toBeNull();
  });

  test('a client that is disconnected to make room for its own bytes is counted no more', async () => {
    const load = new Load(LIMITS);
    const clients = Array.from({ length: 20 }, () => entered(load));
    for (const { visit } of clients) load.hold(visit, 50 * KIB);
    jest.advanceTimersByTime(1_100);
    // Oldest first: each is the one that has kept us waiting longest.
    for (const { visit } of clients) load.hold(visit, SMALL);
    for (const { client } of clients) client.destroy();
    await turn();
    expect(load.hold(entered(load).visit, FOR_LARGE)).toBe(true);
  });

  test('held bytes are free again after the answer, or when the client leaves', async () => {
    const load = new Load(LIMITS);
    const first = entered(load);
    expect(load.hold(first.visit, FOR_LARGE)).toBe(true);
    expect(load.hold(entered(load).visit, SMALL + 1)).toBe(false);
    load.answer(first.visit, 100 * KIB);
    const second = entered(load);
    expect(load.hold(second.visit, FOR_LARGE - 100 * KIB)).toBe(true);
    expect(load.hold(entered(load).visit, SMALL + 1)).toBe(false);
    for (const { client } of [first, second]) client.destroy();
    expect(load.hold(entered(load).visit, FOR_LARGE)).toBe(true);
    expect(load.hold(first.visit, 1)).toBe(false);
  });

  test('large bodies leave a quarter of the room to small ones', () => {
    const load = new Load(LIMITS);
    expect(load.hold(entered(load).visit, FOR_LARGE)).toBe(true);
    expect(load.hold(entered(load).visit, SMALL + 1)).toBe(false);
    expect(load.hold(entered(load).visit, SMALL)).toBe(true);
  });

  test('a small body is counted with its tree', async () => {
    const load = new Load(LIMITS);
    expect(await load.judge(entered(load).visit, 60 * KIB)).toBe(true);
    expect(load.hold(entered(load).visit, FOR_LARGE - 200 * KIB)).toBe(false);
  });

  test('a small body closes the oldest connections that wait, but none that is being judged', async () => {
    const load = new Load({ ...LIMITS, requests: 10 });
    const judged = entered(load);
    await load.judge(judged.visit, 10 * KIB);
    const slow = entered(load);
    load.hold(slow.visit, FOR_LARGE - 40 * KIB);
    const unread = entered(load);
    load.answer(unread.visit, 200 * KIB);
    jest.advanceTimersByTime(1_001);
    await turn();
    const recent = entered(load);
    load.hold(recent.visit, 40 * KIB);
    expect(load.hold(entered(load).visit, 50 * KIB)).toBe(true);
    expect([judged, slow, unread, recent].map(({ client }) => client.closed)).toEqual([
      false,
      true,
      false,
      false,
    ]);
  });

  test('no connection is closed for a large body, nor in its first second', async () => {
    const load = new Load(LIMITS);
    const slow = entered(load);
    load.hold(slow.visit, FOR_LARGE);
    for (let count = 0; count < 4; count++) load.hold(entered(load).visit, 60 * KIB);
    expect(load.hold(entered(load).visit, 60 * KIB)).toBe(false);
    jest.advanceTimersByTime(5_000);
    await turn();
    expect(load.hold(entered(load).visit, SMALL + 1)).toBe(false);
    expect(slow.client.closed).toBe(false);
  });
});

describe('large bodies', () => {
  const LARGE = SMALL + 1;

  test('are judged one after the other, each in another turn of the event loop', async () => {
    const load = new Load(LIMITS);
    const visits = [entered(load).visit, entered(load).visit];
    const had: number[] = [];
    for (const [index, visit] of visits.entries()) {
      void load.judge(visit, LARGE).then((ok) => ok && had.push(index));
    }
    expect(had).toEqual([]);
    await turn();
    await turn();
    expect(had).toEqual([0]);
    load.answer(visits[0] as Visit, 100);
    expect(had).toEqual([0]);
    await turn();
    expect(had).toEqual([0, 1]);
  });

  test('waits a second at most', async () => {
    const load = new Load(LIMITS);
    await load.judge(entered(load).visit, LARGE);
    const waiting = load.judge(entered(load).visit, LARGE);
    jest.advanceTimersByTime(1_001);
    expect(await waiting).toBe(false);
  });

  test('a client that leaves the queue holds up no other', async () => {
    const load = new Load(LIMITS);
    const [first, second, third] = [entered(load), entered(load), entered(load)];
    await load.judge(first.visit, LARGE);
    const given = [second, third].map(({ visit }) => load.judge(visit, LARGE));
    second.client.destroy();
    first.client.destroy();
    expect(await Promise.all(given)).toEqual([false, true]);
  });
});

test('after ten seconds a connection is closed, whatever it waits for', () => {
  const load = new Load(LIMITS);
  const clients = [entered(load), entered(load)];
  load.answer(clients[1]?.visit as Visit, 100);
  jest.advanceTimersByTime(9_000);
  expect(clients.map(({ client }) => client.closed)).toEqual([false, false]);
  jest.advanceTimersByTime(2_000);
  expect(clients.map(({ client }) => client.closed)).toEqual([true, true]);
  expect(jest.getTimerCount()).toBe(0);
});

test('a longer deadline keeps a connection for longer', () => {
  const load = new Load({ ...LIMITS, deadline: 28_000 });
  const { client } = entered(load);
  jest.advanceTimersByTime(34_000);
  expect(client.closed).toBe(false);
  jest.advanceTimersByTime(2_000);
  expect(client.closed).toBe(true);
});
