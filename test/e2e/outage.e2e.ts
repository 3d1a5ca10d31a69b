/**
 * The API server is away, overloaded or unreachable: headcount's answers meanwhile, its requests, and the
 * time until it is up to date again.
 */
import { Agent, request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { BUILTIN_RUNTIME } from '../../src/cluster/builtin-runtime.ts';
import type { Loose } from '../rules/cases.ts';
import { requestFor } from '../support/helpers.ts';
import { Headcount, register, registered } from './cluster/headcount.ts';
import { Proxy, type Mode } from './cluster/api-server-proxy.ts';
import { gpus, multiNode, World } from './world.ts';

/** How long the API server is away. */
const AWAY_SECONDS = Number(process.env['HEADCOUNT_E2E_AWAY'] ?? 30);
const BACK_WITHIN = 5_000;
/** Timers and a busy machine. */
const SLACK = 1_000;

let world: World;
let proxy: Proxy;
const agent = new Agent({ keepAlive: true, rejectUnauthorized: false });
beforeAll(async () => {
  world = await World.start();
  proxy = await Proxy.start(world.cluster);
  await world.headcount.stop();
  world.headcount = await Headcount.start(world.cluster, { api: proxy.endpoint });
  await register(world.cluster, world.headcount);
  await registered(world.cluster);
  await world.createClaim('team', 'models', 'ReadWriteMany');
});
afterEach(() => {
  proxy.mode = 'pass';
});
afterAll(async () => {
  agent.destroy();
  await proxy?.stop();
  await world?.stop();
});

interface Answer {
  readonly status: number;
  readonly allowed: boolean;
  readonly code: number | undefined;
  readonly rules: readonly string[];
  readonly text: string;
}

let counter = 0;

/** Asks headcount itself, as the API server would. */
async function ask(path: '/validate' | '/mutate', object: Loose, over = agent): Promise<Answer> {
  counter += 1;
  const review = {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: { ...requestFor(object), uid: `uid-${counter}`, oldObject: null },
  };
  return new Promise((resolve, reject) => {
    const outgoing = request(
      `${world.headcount.url}${path}?timeout=5s`,
      { method: 'POST', agent: over, headers: { 'content-type': 'application/json' } },
      (answer) => {
        let text = '';
        answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
        answer.on('end', () => {
          const { response } = JSON.parse(text);
          resolve({
            status: answer.statusCode ?? 0,
            allowed: response.allowed,
            code: response.status?.code,
            rules: (response.status?.details?.causes ?? []).map((cause: Loose) => cause.reason),
            text,
          });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(JSON.stringify(review));
  });
}

const good = (): Loose => multiNode('good');
const tooFew = (): Loose =>
  multiNode('too-few', ({ spec }) => {
    spec.predictor.model.resources = gpus(1);
    spec.predictor.workerSpec.tensorParallelSize = 8;
    spec.predictor.workerSpec.pipelineParallelSize = 1;
    spec.predictor.workerSpec.containers[0].resources = gpus(2);
  });
const unknown = (): Loose => multiNode('unknown', ({ spec }) => (spec.predictor.model.runtime = 'nowhere'));

let made = 0;
/** Makes a runtime and measures how long headcount takes to hold it. @returns milliseconds */
async function untilNoticed(): Promise<number> {
  const name = `noticed-${(made += 1)}`;
  const object = { ...(BUILTIN_RUNTIME as Loose), metadata: { name } };
  for (let status = 0; status !== 201;) {
    ({ status } = await world.createRuntime(object).catch(() => ({ status: 0 })));
    if (status !== 201) await sleep(50);
  }
  const start = Date.now();
  while (Date.now() < start + 60_000) {
    const held = await world.headcount.metric('headcount_cache_objects{kind="ClusterServingRuntime"}');
    if (held === made + 1) return Date.now() - start;
    await sleep(25);
  }
  throw new Error('headcount never noticed the runtime');
}

/** What an API server keeps idle for up to 90 s must still be there when it is used. headcount closes them after 125 s. */
const KEPT = 8;
const IDLE_SECONDS = 95;
const LONGEST_IDLE_SECONDS = 115;
let kept: readonly Agent[] = [];
let silentSince = 0;
async function keep(): Promise<void> {
  for (const own of kept) own.destroy();
  kept = Array.from({ length: KEPT }, () => {
    return new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false });
  });
  for (const own of kept) await ask('/validate', good(), own);
  silentSince = Date.now();
}

test(`API server stopped for ${AWAY_SECONDS} s under load: right answers, watches back in time`, async () => {
  await world.cluster.stopApiServer();
  const answers: [string, Answer][] = [];
  const end = Date.now() + AWAY_SECONDS * 1_000;
  while (Date.now() < end) {
    for (const [kind, object] of [
      ['good', good()],
      ['too few', tooFew()],
      ['unknown', unknown()],
    ] as const) {
      answers.push([kind, await ask('/validate', object)]);
    }
    await sleep(20);
  }
  expect(await world.headcount.ops('/healthz')).toEqual({ code: 200, body: 'ok\n' });
  await world.cluster.startApiServer();
  const noticed = await untilNoticed();
  console.info(
    `${answers.length} answers while away; watches back ${noticed} ms after the API server was ready`,
  );
  const verdicts = new Set(
    answers.map(([kind, { status, allowed, code, rules }]) =>
      JSON.stringify([kind, status, allowed, code ?? null, rules]),
    ),
  );
  expect([...verdicts].toSorted()).toEqual(
    [
      ['good', 200, true, null, []],
      ['too few', 200, false, 422, ['gpu-capacity']],
      ['unknown', 200, false, 503, []],
    ]
      .map((verdict) => JSON.stringify(verdict))
      .toSorted(),
  );
  expect(answers.findLast(([kind]) => kind === 'good')?.[1].text).toContain('not checked');
  expect(noticed).toBeLessThanOrEqual(BACK_WITHIN + SLACK);
  expect(await ask('/validate', unknown())).toMatchObject({ code: 422, rules: ['runtime'] });
});

describe('the way to the API server', () => {
  // Silent while these tests run, so that nobody waits for them.
  beforeAll(keep);

  test.each<{ mode: Mode; seconds: number }>([
    { mode: 'gone', seconds: 6 },
    { mode: 'too-many', seconds: 6 },
    { mode: 'error', seconds: 6 },
    { mode: 'no-json', seconds: 6 },
    { mode: 'reset', seconds: 6 },
    { mode: 'black-hole', seconds: 35 },
  ])('$mode for $seconds s', async ({ mode, seconds }) => {
    const start = Date.now();
    proxy.mode = mode;
    const path = /clusterservingruntimes\?.*watch=true/;
    while (Date.now() < start + seconds * 1_000) {
      expect(await ask('/validate', good())).toMatchObject({ allowed: true });
      await sleep(200);
    }
    const perSecond = proxy.count(path, start) / seconds;
    expect(perSecond).toBeLessThanOrEqual(1 + 1 / seconds);
    proxy.mode = 'pass';
    const noticed = await untilNoticed();
    console.info(`${mode}: ${perSecond.toFixed(2)} watches a second, up to date ${noticed} ms afterwards`);
    expect(noticed).toBeLessThanOrEqual(BACK_WITHIN + SLACK);
  });

  test.each<{ mode: Mode; cause: string }>([
    { mode: 'too-many', cause: '429' },
    { mode: 'error', cause: '500' },
    { mode: 'forbidden', cause: '403' },
    { mode: 'no-json', cause: 'no JSON' },
    { mode: 'reset', cause: 'socket hang up' },
    { mode: 'black-hole', cause: 'no answer in time' },
  ])('reads that end with $mode: the documented answers', async ({ mode, cause }) => {
    proxy.mode = mode;
    const service = multiNode(
      'doubt',
      ({ spec }) => (spec.predictor.model.storageUri = `pvc://never-${mode}/x`),
    );
    const claimed = await ask('/validate', service);
    expect(claimed).toMatchObject({ status: 200, allowed: true });
    expect(claimed.text).toContain(`claim \\"never-${mode}\\" not checked`);
    expect(claimed.text).toContain(cause);
    const lost = multiNode('lost', ({ spec }) => (spec.predictor.model.runtime = `never-${mode}`));
    expect(await ask('/validate', lost)).toMatchObject({ status: 200, allowed: false, code: 503 });
    const mutated = await ask('/mutate', lost);
    expect(mutated).toMatchObject({ status: 200, allowed: true });
    expect(mutated.text).toContain('nothing was computed');
    expect(mutated.text).not.toContain('patch');
  });

  test('a name that is no DNS-1123 subdomain never becomes a request', async () => {
    const before = proxy.seen.length;
    for (const name of ['../../../api/v1/secrets', 'a/b', 'x?y=z', 'A', '%2e%2e']) {
      const answer = await ask(
        '/validate',
        multiNode('x', ({ spec }) => {
          spec.predictor.model.runtime = name;
          spec.predictor.model.storageUri = `pvc://${name}/x`;
        }),
      );
      expect(answer).toMatchObject({ allowed: false, code: 422 });
    }
    const paths = proxy.seen.slice(before).map(({ path }) => path);
    expect(paths.filter((path) => /servingruntimes\/|secrets|\.\.|%/.test(path))).toEqual([]);
  });
});

test('started while the API server is away: not ready, then ready without help', async () => {
  proxy.mode = 'error';
  const other = await Headcount.launch(world.cluster, { api: proxy.endpoint });
  try {
    let body = '';
    for (let wait = 0; wait < 100 && !body.includes('listed'); wait++) {
      await sleep(50);
      ({ body } = await other.ops('/readyz').catch(() => ({ body: '' })));
    }
    expect(body).toContain('ServingRuntimes have not been listed yet');
    proxy.mode = 'pass';
    await other.ready(10);
  } finally {
    await other.stop();
  }
});

test(`kept connections work after ${IDLE_SECONDS} s of silence`, async () => {
  // On a slow machine the tests before took longer than a connection is kept.
  if (Date.now() > silentSince + LONGEST_IDLE_SECONDS * 1_000) await keep();
  await sleep(Math.max(0, silentSince + IDLE_SECONDS * 1_000 - Date.now()));
  for (const own of kept) {
    expect(Object.keys(own.freeSockets)).toHaveLength(1);
    expect(await ask('/validate', good(), own)).toMatchObject({ status: 200, allowed: true });
    own.destroy();
  }
});
