/** Which objects the webhook takes from memory and which it reads again. The API server is a literal object. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { admit } from '../../src/admission/admit.ts';
import { CachedCluster } from '../../src/cluster/cached.ts';
import { Informer } from '../../src/cluster/informer.ts';
import { ApiError } from '../../src/cluster/answer.ts';
import type { Api } from '../../src/cluster/api.ts';
import { DEFAULTS } from '../../src/config/config.ts';
import { requestFor } from '../support/helpers.ts';
import { minimalRuntime, minimalService, type Loose } from '../rules/cases.ts';

const MIG = 'nvidia.com/mig-1g.5gb';
const CONFIG = { data: { multiNode: JSON.stringify({ customGPUResourceTypeList: [MIG] }) } };

interface Fake {
  readonly cluster: CachedCluster;
  /** Paths that were read one by one. */
  readonly reads: string[];
  /** What is found there; an error is what the read ends with. */
  readonly objects: Record<string, Loose>;
}

const started: CachedCluster[] = [];
afterEach(() => {
  for (const cluster of started.splice(0)) cluster.stop();
});

const refused = (): Promise<never> => Promise.reject(new ApiError(405, 'nothing is written'));
const NO_WRITES = { send: refused, apply: refused, delete: refused };

/** @param listed what the first lists hold, by the end of their path */
async function fake(listed: Readonly<Record<string, readonly Loose[]>>): Promise<Fake> {
  const reads: string[] = [];
  const objects: Record<string, Loose> = {};
  for (const runtime of listed['servingruntimes'] ?? []) objects[pathOf(runtime)] = runtime;
  const api: Api = {
    namespace: 'headcount-system',
    async get(path) {
      reads.push(path);
      const found = objects[path] ?? new ApiError(404, 'not found');
      if (found instanceof ApiError) throw found;
      return found;
    },
    ...NO_WRITES,
    async *pages(path) {
      const items = Object.entries(listed).find(([end]) => path.endsWith(`/${end}`))?.[1] ?? [];
      yield { items, version: '1' };
    },
    async *watch(_path, _query, signal, opened) {
      opened();
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      yield* [];
    },
    close: () => {},
  };
  const cluster = new CachedCluster({ api, kserveNamespace: 'kserve', namespaces: false });
  started.push(cluster);
  await cluster.start(() => {});
  // What the start has read: KServe's controller.
  reads.length = 0;
  return { cluster, reads, objects };
}

function pathOf({ metadata: { name, namespace } }: Loose): string {
  return `/apis/serving.kserve.io/v1alpha1/namespaces/${namespace}/servingruntimes/${name}`;
}

const CLAIM = '/api/v1/namespaces/team/persistentvolumeclaims/models';
const claim = (...accessModes: string[]): Loose => ({
  metadata: { name: 'models' },
  spec: { accessModes },
  status: { phase: 'Bound' },
});
const service = (change: (object: Loose) => void = () => {}): Loose => {
  const object = minimalService();
  object.spec.predictor.model.storageUri = 'pvc://models/x';
  change(object);
  return object;
};

describe('nothing is refused on the word of memory alone', () => {
  test('a service without findings costs one read, of its claim, every few seconds', async () => {
    const { cluster, reads, objects } = await fake({ servingruntimes: [minimalRuntime()] });
    objects[CLAIM] = claim('ReadWriteMany');
    for (let time = 0; time < 3; time++) {
      expect(await admit('validate', requestFor(service()), cluster, DEFAULTS)).toMatchObject({
        outcome: 'allow',
      });
    }
    expect(reads).toEqual([CLAIM]);
  });

  test('a runtime that memory lacks is read', async () => {
    const { cluster, reads, objects } = await fake({});
    objects[CLAIM] = claim('ReadWriteMany');
    objects[pathOf(minimalRuntime())] = minimalRuntime();
    expect(await admit('validate', requestFor(service()), cluster, DEFAULTS)).toMatchObject({
      outcome: 'allow',
    });
    expect(reads).toContain(pathOf(minimalRuntime()));
  });

  test('a claim that memory holds as unfit is read again', async () => {
    const { cluster, objects } = await fake({ servingruntimes: [minimalRuntime()] });
    objects[CLAIM] = claim('ReadWriteOnce');
    expect(await admit('validate', requestFor(service()), cluster, DEFAULTS)).toMatchObject({
      outcome: 'deny',
    });
    objects[CLAIM] = claim('ReadWriteMany');
    expect(await admit('validate', requestFor(service()), cluster, DEFAULTS)).toMatchObject({
      outcome: 'allow',
    });
  });

  test('the last known ConfigMap counts when it can not be read', async () => {
    const listed = {
      servingruntimes: [minimalRuntime()],
      configmaps: [{ metadata: { name: 'inferenceservice-config', namespace: 'kserve' }, ...CONFIG }],
    };
    const { cluster, objects } = await fake(listed);
    objects[CLAIM] = claim('ReadWriteOnce');
    const mig = service(({ metadata, spec }) => {
      metadata.annotations['serving.kserve.io/gpu-resource-types'] = JSON.stringify([MIG]);
      spec.predictor.workerSpec.containers[0].resources = {
        requests: { [MIG]: '8' },
        limits: { [MIG]: '8' },
      };
      spec.predictor.model.resources = { requests: { [MIG]: '8' }, limits: { [MIG]: '8' } };
    });
    const decision = await admit('validate', requestFor(mig), cluster, DEFAULTS);
    expect(decision).toMatchObject({ outcome: 'deny', findings: [{ rule: 'storage-claim' }] });
  });

  test('a failed read leaves the runtime that memory holds', async () => {
    const { cluster, objects } = await fake({ servingruntimes: [minimalRuntime()] });
    objects[pathOf(minimalRuntime())] = new ApiError(500, 'x');
    const wrong = service(({ spec }) => (spec.predictor.minReplicas = 2));
    const decision = await admit('validate', requestFor(wrong), cluster, DEFAULTS);
    expect(decision).toMatchObject({ outcome: 'deny', findings: [{ rule: 'head-replicas' }] });
  });
});

test("runtimes of other namespaces that fill the memory do not change a service's verdict", async () => {
  const filling = Array.from({ length: 455 }, (_, n) => {
    const runtime = minimalRuntime();
    runtime.metadata = { name: `r${n}`, namespace: `other-${n % 13}` };
    runtime.spec.containers[0].args = ['x'.repeat(60_000)];
    return runtime;
  });
  const small = Array.from({ length: 200 }, (_, n) => {
    const runtime = minimalRuntime();
    runtime.metadata = { name: `s${n}`, namespace: 'small' };
    return runtime;
  });
  const unnamed = service(({ spec }) => delete spec.predictor.model.runtime);
  const wrong = service(({ spec }) => {
    delete spec.predictor.model.runtime;
    spec.predictor.minReplicas = 2;
  });
  const before = await fake({ servingruntimes: [minimalRuntime()] });
  const after = await fake({
    'team/servingruntimes': [minimalRuntime()],
    servingruntimes: [...filling, ...small, minimalRuntime()],
  });
  expect(after.cluster.state()[0]?.reduced.elsewhere).toBeGreaterThan(1);
  for (const { objects } of [before, after]) objects[CLAIM] = claim('ReadWriteMany');
  for (const phase of ['mutate', 'validate'] as const) {
    for (const object of [unnamed, wrong, service()]) {
      const [wanted, found] = await Promise.all(
        [before, after].map(({ cluster }) => admit(phase, requestFor(object), cluster, DEFAULTS)),
      );
      expect(found).toEqual(wanted);
    }
  }
});

test('many reviews that ask the same share one read', async () => {
  const { cluster, reads, objects } = await fake({ servingruntimes: [minimalRuntime()] });
  objects[CLAIM] = claim('ReadWriteMany');
  await Promise.all(
    Array.from({ length: 20 }, () => admit('validate', requestFor(service()), cluster, DEFAULTS)),
  );
  expect(reads).toEqual([CLAIM]);
});

test('events that a watch lost are found by the next list, however short the watches are', async () => {
  let items: Loose[] = [minimalRuntime()];
  const api: Api = {
    namespace: '',
    get: () => Promise.reject(new ApiError(404, 'not found')),
    ...NO_WRITES,
    async *pages() {
      yield { items, version: '1' };
    },
    async *watch(_path, _query, _signal, opened) {
      opened();
      await sleep(10);
      yield* [];
    },
    close: () => {},
  };
  const times = { shortestPause: 1, longestPause: 1, relist: 100 };
  const informer = new Informer({ api, path: '/x', keep: () => true, times });
  await informer.start(() => {});
  expect(informer.size).toBe(1);
  items = [];
  for (let wait = 0; wait < 200 && informer.size > 0; wait++) await sleep(10);
  informer.stop();
  expect(informer.size).toBe(0);
});
