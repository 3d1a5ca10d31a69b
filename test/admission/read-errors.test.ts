/**
 * Every read error times every rule that reads: the documented answer (product contract, table of outcomes), from the
 * real process with an API server that fails in one place. Never a silent allow.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { BUILTIN_RUNTIME } from '../../src/cluster/builtin-runtime.ts';
import { FakeApi, FAULTS, type Fault, type Read } from '../support/fake-api.ts';
import { problemsWith } from '../hostile/answer.ts';
import { repliesTo, words } from '../hostile/observe.ts';
import { bodyOf, UID } from '../hostile/reviews.ts';
import { post } from '../hostile/wire.ts';
import { minimalRuntime, minimalService, type Loose } from '../rules/cases.ts';
import { Server } from '../support/server.ts';

/** Everything as it should be, but for what is unread. */
const OBJECTS: readonly Loose[] = [
  minimalRuntime(),
  BUILTIN_RUNTIME,
  { ...minimalRuntime(), kind: 'ClusterServingRuntime', metadata: { name: 'shared' } },
  {
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'models', namespace: 'team' },
    spec: { accessModes: ['ReadWriteMany'] },
    status: { phase: 'Bound' },
  },
  { kind: 'Namespace', apiVersion: 'v1', metadata: { name: 'team' } },
];

let api: FakeApi;
let server: Server;
beforeAll(async () => {
  api = await FakeApi.start(OBJECTS);
  server = await Server.start({ kubeconfig: api.kubeconfig, config: { namespaces: { labels: true } } });
});
afterAll(async () => {
  expect(server.output).not.toContain('internal error');
  expect(await server.stop('SIGKILL')).toBeNull();
  api.stop();
});

/** How a fault is told: never in the API server's words, which name our service account. */
const CAUSE: Readonly<Record<Fault, string>> = {
  '403': 'headcount may not read it (403)',
  '404': 'the API server answered 404',
  '429': 'the API server answered 429',
  '500': 'the API server answered 500',
  'time-out': 'no answer in time',
  reset: 'socket hang up',
  'bad JSON': 'the answer is no JSON',
};

interface Row {
  readonly what: string;
  readonly read: Read;
  /** The object that is asked about, and the request around it; `n` makes names that were never read before. */
  readonly ask: (n: number) => { readonly object: Loose; readonly request?: Loose };
  readonly mutate: (fault: Fault, n: number) => string;
  readonly validate: (fault: Fault, n: number) => string;
}

function service(change: (object: Loose) => unknown): Loose {
  const object = minimalService();
  object.spec.predictor.model.storageUri = 'pvc://models/llama';
  change(object);
  return object;
}

const ROWS: readonly Row[] = [
  {
    what: 'a named runtime',
    read: 'runtime',
    ask: (n) => ({ object: service((o) => (o.spec.predictor.model.runtime = `never-${n}`)) }),
    mutate: (fault, n) =>
      fault === '404'
        ? 'denied 422 (runtime)'
        : `allowed, warned (could not read runtime "never-${n}" (${CAUSE[fault]}): nothing was computed)`,
    validate: (fault, n) =>
      fault === '404'
        ? 'denied 422 (runtime)'
        : `denied 503: could not read runtime "never-${n}", try again (${CAUSE[fault]})`,
  },
  {
    what: 'the runtimes to choose from',
    read: 'runtimes',
    ask: (n) => ({
      object: service(({ spec }) => {
        delete spec.predictor.model.runtime;
        spec.predictor.model.modelFormat.name = `never-${n}`;
      }),
    }),
    mutate: (fault) =>
      fault === 'time-out'
        ? 'allowed, warned (reading the runtimes for namespace team took too long: nothing was computed)'
        : `allowed, warned (could not read the runtimes (${CAUSE[fault]}): nothing was computed)`,
    validate: (fault) =>
      fault === 'time-out'
        ? 'denied 504: reading the runtimes for namespace team took too long, try again'
        : `denied 503: could not read the runtimes, try again (${CAUSE[fault]})`,
  },
  {
    what: 'a claim',
    read: 'claim',
    ask: (n) => ({ object: service((o) => (o.spec.predictor.model.storageUri = `pvc://never-${n}/x`)) }),
    mutate: (fault) => `allowed, patched${fault === '404' ? ', warned (storage-claim)' : ''}`,
    validate: (fault, n) =>
      fault === '404'
        ? 'allowed, warned (storage-claim)'
        : `allowed, warned (claim "never-${n}" not checked: ${CAUSE[fault]})`,
  },
  {
    what: 'the labels of a namespace that memory does not hold',
    read: 'namespace',
    ask: (n) => ({
      object: service(({ metadata, spec }) => {
        metadata.namespace = `never-${n}`;
        spec.predictor.model.runtime = 'shared';
      }),
      request: { namespace: `never-${n}` },
    }),
    mutate: () => 'allowed, patched, warned (storage-claim)',
    validate: (fault, n) =>
      fault === '404'
        ? 'allowed, warned (storage-claim)'
        : `allowed, warned (labels of namespace "never-${n}" not checked: ${CAUSE[fault]}, storage-claim)`,
  },
  {
    what: 'the services that a change of a runtime touches',
    read: 'services',
    ask: () => ({
      object: changedRuntime(),
      request: {
        name: 'rt',
        kind: { group: 'serving.kserve.io', version: 'v1alpha1', kind: 'ServingRuntime' },
        operation: 'UPDATE',
        oldObject: minimalRuntime(),
      },
    }),
    mutate: () => 'allowed',
    validate: () => 'allowed, warned (runtime-change)',
  },
];

function changedRuntime(): Loose {
  const runtime = minimalRuntime();
  runtime.spec.workerSpec.pipelineParallelSize = 3;
  return runtime;
}

const CASES = ROWS.flatMap((row) =>
  FAULTS.flatMap((fault) => (['mutate', 'validate'] as const).map((phase) => ({ ...row, fault, phase }))),
);

let count = 0;
async function answerTo(phase: 'mutate' | 'validate', object: Loose, request: Loose = {}): Promise<string> {
  const uid = `${UID.slice(0, -6)}${String(100_000 + count++)}`;
  const body = bodyOf(object, { ...request, uid });
  const [reply] = await repliesTo(server.port, { send: post(`/${phase}?timeout=5s`, body) }, 1);
  if (reply === undefined) return 'closed';
  expect(problemsWith(reply.body, { uid, phase, object })).toEqual([]);
  const { status } = JSON.parse(reply.body).response;
  const said = status?.code === 503 || status?.code === 504 ? `: ${status.message}` : '';
  return words(reply) + said;
}

describe('with an API server that is well', () => {
  test.each(ROWS)('$what', async ({ ask }) => {
    api.faults = {};
    const { object, request } = ask(count);
    expect(await answerTo('validate', object, request)).not.toContain('not checked');
  });
});

describe('reads that fail', () => {
  test.each(CASES)('$what, $fault: /$phase', async ({ read, fault, phase, ask, mutate, validate }) => {
    api.faults = { [read]: fault };
    const n = count;
    const { object, request } = ask(n);
    expect(await answerTo(phase, object, request)).toBe((phase === 'mutate' ? mutate : validate)(fault, n));
    expect(server.output).not.toContain('system:serviceaccount');
  });
});

describe("KServe's ConfigMap, never read", () => {
  test.each(FAULTS)('%s: defaults, and /validate says so', async (fault) => {
    const own = await FakeApi.start(OBJECTS);
    own.faults = { config: fault };
    const other = await Server.start({ kubeconfig: own.kubeconfig });
    const body = bodyOf(service(() => {}));
    const [mutated] = await repliesTo(other.port, { send: post('/mutate', body) }, 1);
    const [validated] = await repliesTo(other.port, { send: post('/validate', body) }, 1);
    expect([mutated, validated].map((reply) => reply && words(reply))).toEqual([
      'allowed, patched',
      "allowed, warned (KServe's ConfigMap not checked: it has not been listed yet)",
    ]);
    await other.stop('SIGKILL');
    own.stop();
  });
});
