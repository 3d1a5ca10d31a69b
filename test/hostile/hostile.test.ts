/**
 * The list of bad inputs (test/hostile), each sent to the real process. The server that answers them must still be
 * the one that was started, and must have met no bug.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { problemsWith } from './answer.ts';
import { ENVELOPE } from './envelope.ts';
import { ENVIRONMENT } from './environment.ts';
import { HTTP } from './http.ts';
import { OBJECTS } from './objects.ts';
import { handshake, repliesTo, words } from './observe.ts';
import { PAGE, page } from './page.ts';
import { bodyOf, UID } from './reviews.ts';
import type { HttpRow, ObjectRow } from './row.ts';
import { start } from './start.ts';
import { TLS } from './tls.ts';
import { post, type Reply } from './wire.ts';
import { minimalRuntime, minimalService, type Loose } from '../rules/cases.ts';
import { Server } from '../support/server.ts';

let server: Server;
beforeAll(async () => {
  server = await Server.start();
});
afterAll(async () => {
  const { running, output } = server;
  const code = await server.stop();
  expect({ running, code }).toEqual({ running: true, code: 0 });
  expect(output).not.toContain('internal error');
});

function joined(replies: readonly Reply[]): string {
  return replies.length === 0 ? 'closed' : replies.map(words).join(' + ');
}

/** Rows that wait for a timeout, or trickle, all at the same time: most of the test would be waiting. */
const isSlow = ({ answer, send }: HttpRow): boolean => answer === 'HTTP 408' || Array.isArray(send);
let slow: ReadonlyMap<HttpRow, Promise<string>>;

describe('HTTP', () => {
  beforeAll(() => {
    slow = new Map(
      HTTP.filter(isSlow).map((row) => [row, repliesTo(server.port, row, wanted(row)).then(joined)]),
    );
  });
  const wanted = ({ answer }: HttpRow): number => answer.split(' + ').length;
  test.each(HTTP)('$what: $answer', async (row) => {
    expect(await (slow.get(row) ?? repliesTo(server.port, row, wanted(row)).then(joined))).toBe(row.answer);
  });
});

describe('TLS', () => {
  let all: Promise<readonly string[]>;
  beforeAll(() => {
    all = Promise.all(TLS.map((row) => handshake(server.port, row)));
  });
  test.each(TLS.map((row, index) => ({ ...row, index })))('$what: $answer', async ({ index, answer }) => {
    expect((await all)[index]).toBe(answer);
  });
});

describe('envelope', () => {
  test.each(ENVELOPE)('$what: $answer', async ({ body, answer }) => {
    const replies = await repliesTo(server.port, { send: post('/validate', body) }, 1);
    expect(joined(replies)).toBe(answer);
    if (replies[0]?.code === 200) {
      const { uid } = JSON.parse(replies[0].body).response;
      expect(problemsWith(replies[0].body, { uid, phase: 'validate', object: null })).toEqual([]);
      expect(body.toString()).toContain(JSON.stringify(uid).slice(1, -1));
    }
  });
});

function reviewFor({ kind, change, stored }: ObjectRow): { readonly body: string; readonly object: unknown } {
  const fine = kind === 'runtime' ? minimalRuntime : minimalService;
  const object = fine();
  change(object);
  const old = fine();
  const request: Loose = {};
  if (kind === 'runtime') {
    request.kind = { group: 'serving.kserve.io', version: 'v1alpha1', kind: 'ServingRuntime' };
  }
  if (stored !== undefined) {
    const made = stored(old);
    request.operation = 'UPDATE';
    request.oldObject = Array.isArray(made) ? made : old;
  }
  const name = object.metadata?.name;
  return { body: bodyOf(object, { ...request, name: typeof name === 'string' ? name : '' }), object };
}

/** A hundred times what the largest row takes, and less than what grows with the square of its lists. */
const OBJECT_TIME = 10_000;

describe('objects', () => {
  test.each(OBJECTS)(
    '$what: $answer',
    async (row) => {
      const { phase = 'mutate', answer } = row;
      const { body, object } = reviewFor(row);
      const replies = await repliesTo(server.port, { send: post(`/${phase}`, body) }, 1);
      expect(joined(replies)).toBe(answer);
      expect(problemsWith(replies[0]?.body ?? '', { uid: UID, phase, object })).toEqual([]);
    },
    OBJECT_TIME,
  );
});

describe('environment', () => {
  test.each(ENVIRONMENT)('$what: $answer', async (row) => {
    const { answer, said } = await start(row);
    expect({ answer, said }).toEqual({ answer: row.answer, said: expect.stringMatching(row.says ?? /^/) });
    if (row.answer !== 'serves') expect(said).toMatch(/^headcount[^\n]*\n$/);
  });
});

test('the list is long, says everything once, and is what its page shows', () => {
  const rows = [...HTTP, ...TLS, ...ENVELOPE, ...OBJECTS, ...ENVIRONMENT].map(({ what }) => what);
  expect(rows.length).toBeGreaterThanOrEqual(120);
  expect(new Set(rows).size).toBe(rows.length);
  expect(readFileSync(PAGE, 'utf8')).toBe(page());
});
