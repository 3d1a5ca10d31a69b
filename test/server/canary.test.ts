/**
 * A canary in every string of a review: nothing of a manifest may come out again in the log, at whatever level, in
 * the metrics, or in an answer, but for the names and values that a denial must show, escaped and cut.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { problemsWith } from '../hostile/answer.ts';
import { readCorpus } from '../fuzz/corpus.ts';
import { placesOf } from '../fuzz/tree.ts';
import { reviewOf, UID } from '../hostile/reviews.ts';
import { post, Wire } from '../hostile/wire.ts';
import { minimalService, type Loose } from '../rules/cases.ts';
import { Server } from '../support/server.ts';

const CANARY = 'c4nary';
/** What a text that gets out may not do: end a line, drive a terminal, read from right to left, go on for ever. */
const HOSTILE = `${CANARY}\u001b[2J\n\u202e${'x'.repeat(1_500)}`;
const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
/** Levels at which decisions are written. */
const WRITTEN: readonly string[] = ['trace', 'debug', 'info'];
const LONGEST_NAME = 253;

/** Without what only tells the server that this is a review, and of what. */
const FIXED = new Set(['apiVersion', 'kind', 'operation', 'group', 'version', 'resource']);

/** One of them for a subresource, which no captured review is. */
const REVIEWS = [...readCorpus().reviews, reviewOf(undefined, { subResource: 'scale' })];

/** Every string below the request becomes the text, and every key of a map that the author names gets it, too. */
function poisoned(value: Loose, text: string): Loose {
  if (typeof value === 'string') return text;
  if (Array.isArray(value)) return value.map((item) => poisoned(item, text));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, FIXED.has(key) ? item : poisoned(item, text)]),
  );
}

function withKeys(value: Loose, text: string): Loose {
  if (Array.isArray(value)) return value.map((item) => withKeys(item, text));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([key, item]) => [key, withKeys(item, text)]);
  return Object.fromEntries([...members, [text, text]]);
}

interface Asked {
  readonly phase: 'mutate' | 'validate';
  readonly request: Loose;
}

const PHASES = ['mutate', 'validate'] as const;

function allAtOnce(): readonly Asked[] {
  return REVIEWS.flatMap(({ request }) =>
    [
      poisoned(request, HOSTILE),
      withKeys(request, HOSTILE),
      poisoned(withKeys(request, HOSTILE), HOSTILE),
    ].flatMap((made) =>
      PHASES.flatMap((phase) => [
        { phase, request: made },
        { phase, request: { ...made, uid: UID } },
      ]),
    ),
  );
}

/** One string at a time, so that everything around it is still judged. */
function oneByOne(): readonly Asked[] {
  return REVIEWS.flatMap(({ request }) =>
    placesOf(request, 1_000).flatMap(({ parent, key }, index) => {
      if (typeof parent[key] !== 'string') return [];
      const copy = structuredClone(request);
      const { parent: changed } = placesOf(copy, 1_000)[index] ?? { parent: {} };
      changed[key] = HOSTILE;
      return PHASES.map((phase) => ({ phase, request: copy }));
    }),
  );
}

/** @returns what of an answer a person is shown: no patch, which goes into the author's own object */
function shown(body: string): Loose {
  const { response, ...rest } = JSON.parse(body);
  if (response === undefined) return { rest };
  const { patch: _patch, uid: _uid, auditAnnotations, ...verdict } = response;
  return { rest: [rest, auditAnnotations], verdict };
}

async function ask(wire: Wire, { phase, request }: Asked): Promise<Loose> {
  const body = JSON.stringify({ ...reviewOf(), request });
  wire.send(post(`/${phase}`, body));
  const reply = await wire.next();
  if (reply === null) throw new Error('no answer');
  if (reply.code !== 200) return shown(reply.body);
  const { uid } = JSON.parse(reply.body).response;
  // Also: every text on a line of its own, visible, and no longer than it may be.
  expect(problemsWith(reply.body, { uid, phase, object: request.object })).toEqual([]);
  return shown(reply.body);
}

/** Nothing of the canary but where a line names its request, and there it is harmless. */
function checkLog(output: string): void {
  for (const line of output.split('\n').filter((text) => text !== '')) {
    if (!line.startsWith('{')) {
      expect(line).not.toContain(CANARY);
      continue;
    }
    const { uid = '', namespace = '', name = '', ...rest } = JSON.parse(line);
    expect(JSON.stringify(rest)).not.toContain(CANARY);
    for (const text of [uid, namespace, name]) {
      expect(text).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(LONGEST_NAME);
    }
  }
}

describe.each(LEVELS)('log level %s', (level) => {
  let server: Server;
  let wire: Wire;
  beforeAll(async () => {
    server = await Server.start({ config: { log: { level } } });
    wire = await Wire.connect(server.port);
  });
  afterAll(async () => {
    wire.destroy();
    await server.stop();
  });

  test('all strings at once, as values, as keys and as both', async () => {
    const asked = allAtOnce();
    for (const one of asked) expect(JSON.stringify((await ask(wire, one)).rest)).not.toContain(CANARY);
    expect((await server.ops('/metrics')).body).not.toContain(CANARY);
    expect(server.output.split('\n').length).toBeGreaterThan(WRITTEN.includes(level) ? asked.length / 2 : 1);
    checkLog(server.output);
  });
});

describe('one string at a time', () => {
  let server: Server;
  let wire: Wire;
  beforeAll(async () => {
    server = await Server.start({ config: { log: { level: 'trace' } } });
    wire = await Wire.connect(server.port);
  });
  afterAll(async () => {
    wire.destroy();
    await server.stop();
  });

  test('log, metrics and answers', async () => {
    let denied = 0;
    for (const one of oneByOne()) {
      const { rest, verdict } = await ask(wire, one);
      expect(JSON.stringify(rest)).not.toContain(CANARY);
      if (JSON.stringify(verdict ?? {}).includes(CANARY)) denied++;
    }
    expect((await server.ops('/metrics')).body).not.toContain(CANARY);
    checkLog(server.output);
    // Some must show what they refuse, or this test would see nothing.
    expect(denied).toBeGreaterThan(10);
  });

  test.each<{ what: string; change: (object: Loose) => unknown }>([
    {
      what: 'the value of an env of the author',
      change: ({ spec }) => (spec.predictor.model.env = [{ name: 'HF_TOKEN', value: HOSTILE }]),
    },
    {
      what: 'the same in the worker',
      change: ({ spec }) =>
        (spec.predictor.workerSpec.containers[0].env = [{ name: 'HF_TOKEN', value: HOSTILE }]),
    },
    { what: 'an argument', change: ({ spec }) => spec.predictor.model.args.push(`--api-key=${HOSTILE}`) },
    { what: 'a command', change: ({ spec }) => (spec.predictor.model.command = ['bash', '-c', HOSTILE]) },
    {
      what: 'an annotation',
      change: ({ metadata }) => (metadata.annotations['example.com/token'] = HOSTILE),
    },
    { what: 'a label', change: ({ metadata }) => (metadata.labels = { token: HOSTILE }) },
    {
      what: 'what kubectl applied last',
      change: ({ metadata }) =>
        (metadata.annotations['kubectl.kubernetes.io/last-applied-configuration'] = HOSTILE),
    },
    {
      what: 'the name of a Secret',
      change: ({ spec }) => (spec.predictor.model.envFrom = [{ secretRef: { name: HOSTILE } }]),
    },
  ])('shown nowhere, also beside a denial: $what', async ({ change }) => {
    const object = minimalService();
    change(object);
    // Refused for something else.
    object.spec.predictor.minReplicas = 2;
    for (const phase of PHASES) {
      const { request } = reviewOf(object);
      const answer = await ask(wire, { phase, request });
      expect(answer.verdict.allowed).toBe(false);
      expect(JSON.stringify(answer)).not.toContain(CANARY);
    }
  });
});
