/**
 * The fuzzer: a short run, the same case from the same seed, and the verdicts on answers. Cases that a run has found are
 * kept, minimised, in test/fuzz/fixtures, and are asked again here.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bytesOf, caseOf } from './case.ts';
import { readCorpus } from './corpus.ts';
import { fixtures } from './fixtures.ts';
import { Comparison } from './readers.ts';
import { Run } from './run.ts';
import { Lane } from './target.ts';
import { verdictOn } from './verdict.ts';
import type { Reply } from '../hostile/wire.ts';
import { Server } from '../support/server.ts';

const RUNS = 1_000;
/** Another one each day, so that many runs see many cases. */
const seed = Number(process.env['HEADCOUNT_SEED'] ?? Math.floor(Date.now() / 86_400_000));
const { reviews } = readCorpus();

let server: Server;
beforeAll(async () => {
  server = await Server.start();
});
afterAll(async () => {
  expect(server.running).toBe(true);
  expect(await server.stop()).toBe(0);
});

test(`${RUNS} cases, seed ${seed}`, async () => {
  const run = new Run(server, seed, reviews);
  await run.ask(0, RUNS);
  expect(run.failures.map(({ one, problems }) => ({ case: one.index, problems }))).toEqual([]);
  expect(run.asked).toBe(RUNS);
});

test('both ways of reading a review give the same answers', async () => {
  const comparison = new Comparison(seed, reviews);
  await comparison.run(0, RUNS);
  expect(comparison.failures.map(({ one, problems }) => ({ case: one.index, problems }))).toEqual([]);
  expect(comparison.skimmed).toBeGreaterThan(RUNS / 10);
});

const kept = fixtures();
if (kept.length === 0) console.info('no case is asked again: test/fuzz/fixtures has none');
else
  test.each(kept)('a case that has failed once: $name', async ({ problem, one }) => {
    const lane = new Lane(server);
    const now = verdictOn(one, await lane.ask(one));
    lane.close();
    expect({ problem, now }).toEqual({ problem, now: [] });
  });

test('a seed always gives the same case, and another seed gives another', () => {
  const bytes = (from: number, index: number): string =>
    bytesOf(caseOf(from, index, reviews)).toString('latin1');
  expect(bytes(7, 12)).toBe(bytes(7, 12));
  expect(bytes(7, 12)).not.toBe(bytes(8, 12));
  expect(bytes(7, 12)).not.toBe(bytes(7, 13));
});

describe('the verdict', () => {
  const one = {
    index: 0,
    phase: 'validate',
    headers: [],
    query: '',
    pieces: [],
    body: Buffer.from('{"request":{"uid":"u"}}'),
  } as const;
  const reply = (code: number, response: unknown, headers: Reply['headers'] = {}): Reply => ({
    code,
    headers,
    body: JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response }),
  });
  test.each<{ what: string; reply: Reply | null; problems: readonly string[] | null }>([
    { what: 'no answer', reply: null, problems: ['the connection was closed without an answer'] },
    { what: 'a server error', reply: reply(500, {}), problems: ['HTTP 500'] },
    {
      what: 'an HTTP error though the uid is there',
      reply: reply(400, {}),
      problems: ['HTTP 400 though the uid can be read'],
    },
    { what: 'another uid', reply: reply(200, { uid: 'v', allowed: true }), problems: ['uid v, sent u'] },
    {
      what: 'no verdict',
      reply: reply(200, { uid: 'u' }),
      problems: ["/response must have required property 'allowed'"],
    },
    {
      what: 'shed without saying when to come again',
      reply: reply(429, {}),
      problems: ['HTTP 429 though the uid can be read'],
    },
    { what: 'shed', reply: reply(429, {}, { 'retry-after': '1' }), problems: null },
    { what: 'a right answer', reply: reply(200, { uid: 'u', allowed: true }), problems: [] },
  ])('$what', ({ reply: given, problems }) => {
    expect(verdictOn(one, given)).toEqual(problems);
  });
});
