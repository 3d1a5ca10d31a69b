/** When the webhook configurations come into force, and when they don't: a store in memory stands for the API server. */
import { afterEach, expect, test } from '@jest/globals';
import { inForce, type InForce, type InForceEvent } from '../../src/registration/in-force.ts';
import {
  KINDS,
  type Kind,
  type Registration,
  type RegistrationStore,
} from '../../src/registration/registration.ts';

const SERVICES = [{ operations: ['CREATE'], resources: ['inferenceservices'] }];
const EVENTS = [{ operations: ['CREATE'], resources: ['events'] }];

/** As the chart renders it: the annotation has rules for an entry that has none. */
const rendered = (): Registration => ({
  version: '1',
  stated: { 'judged.example': SERVICES },
  entries: [
    { name: 'judged.example', rules: undefined },
    { name: 'probe.example', rules: EVENTS },
  ],
});

class Store implements RegistrationStore {
  readonly held = new Map<Kind, Registration>(KINDS.map((kind) => [kind, rendered()]));
  readonly writes: Kind[] = [];
  unanswered: string | null = null;
  broken = false;
  looks = 0;
  onLook = (): void => {};

  async read(kind: Kind): Promise<Registration | null> {
    this.looks += 1;
    this.onLook();
    if (this.broken) throw new Error('HTTP 403');
    return this.held.get(kind) ?? null;
  }

  async probe(): Promise<string | null> {
    return this.unanswered;
  }

  async write(
    kind: Kind,
    changes: Parameters<RegistrationStore['write']>[1],
    version: string,
  ): ReturnType<RegistrationStore['write']> {
    const registration = this.held.get(kind);
    if (registration === undefined) return 'gone';
    if (registration.version !== version) return 'conflict';
    this.writes.push(kind);
    const entries = registration.entries.map((entry, at) => ({
      ...entry,
      rules: changes.find(({ index }) => index === at)?.rules ?? entry.rules,
    }));
    this.held.set(kind, { ...registration, entries, version: `${version}+` });
    return 'written';
  }

  /** Resolves after so many further looks at a configuration. */
  async after(looks: number): Promise<void> {
    const end = this.looks + looks;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.onLook = () => {
      if (this.looks >= end) resolve();
    };
    return promise;
  }

  rulesOf(kind: Kind): readonly unknown[] {
    return this.held.get(kind)?.entries.map(({ rules }) => rules) ?? [];
  }
}

let running: InForce | undefined;
afterEach(() => running?.stop());

function start(store: Store): { readonly loop: InForce; readonly events: readonly InForceEvent[] } {
  const events: InForceEvent[] = [];
  running = inForce({ store, onEvent: (event) => events.push(event), interval: 1 });
  running.start();
  return { loop: running, events };
}

/** Rounds of both configurations; the first look of a further one shows that the last is over. */
const rounds = (count: number): number => count * KINDS.length + 1;

test('nothing is written before the probe comes back, and everything once it does', async () => {
  const store = new Store();
  store.unanswered = 'no answer';
  const { loop, events } = start(store);
  await store.after(rounds(3));
  expect(store.writes).toEqual([]);
  expect([...loop.status().values()]).toEqual(['no answer', 'no answer']);

  store.unanswered = null;
  await store.after(rounds(3));
  expect(store.writes.toSorted()).toEqual([...KINDS]);
  for (const kind of KINDS) expect(store.rulesOf(kind)).toEqual([SERVICES, EVENTS]);
  expect([...loop.status().values()]).toEqual([null, null]);
  // Each change is told once.
  const told = (wanted: string | null): readonly Kind[] =>
    events.filter(({ problem }) => problem === wanted).map(({ kind }) => kind);
  expect([told('no answer'), told(null).toSorted()]).toEqual([KINDS, KINDS]);
});

test('what is in force stays so while no probe comes back', async () => {
  const store = new Store();
  start(store);
  await store.after(rounds(2));
  store.unanswered = 'no answer';
  await store.after(rounds(3));
  for (const kind of KINDS) expect(store.rulesOf(kind)).toEqual([SERVICES, EVENTS]);
});

test('rules that somebody took out, or a release states otherwise, are written; after a probe', async () => {
  const store = new Store();
  const { loop } = start(store);
  await store.after(rounds(2));
  store.held.set('mutating', rendered());
  store.held.set('validating', { ...rendered(), stated: { 'judged.example': EVENTS } });
  store.unanswered = 'no answer';
  await store.after(rounds(2));
  expect(store.rulesOf('mutating')).toEqual([undefined, EVENTS]);
  store.unanswered = null;
  await store.after(rounds(2));
  expect(store.rulesOf('mutating')).toEqual([SERVICES, EVENTS]);
  expect(store.rulesOf('validating')).toEqual([EVENTS, EVENTS]);
  expect([...loop.status().values()]).toEqual([null, null]);
});

test('one that is deleted is not made anew, and the other is in force all the same', async () => {
  const store = new Store();
  store.held.delete('mutating');
  const { loop } = start(store);
  await store.after(rounds(2));
  expect(store.writes).toEqual(['validating']);
  expect(loop.status()).toEqual(
    new Map([
      ['mutating', 'there is no such webhook configuration'],
      ['validating', null],
    ]),
  );
});

test('without the annotation the rules are left as they are', async () => {
  const store = new Store();
  for (const kind of KINDS) store.held.set(kind, { ...rendered(), stated: undefined });
  start(store);
  await store.after(rounds(2));
  expect(store.writes).toEqual([]);
});

test('a failing API server is a problem that is told, and the next look goes on', async () => {
  const store = new Store();
  store.broken = true;
  const { events } = start(store);
  await store.after(rounds(2));
  store.broken = false;
  await store.after(rounds(2));
  for (const wanted of ['HTTP 403', null]) {
    expect(events.filter(({ problem }) => problem === wanted)).toHaveLength(KINDS.length);
  }
});
