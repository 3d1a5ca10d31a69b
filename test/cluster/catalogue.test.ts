/** The catalogue answers what a cluster would, from manifests. */
import { describe, expect, test } from '@jest/globals';
import { catalogueOf, partOf, type Extent } from '../../src/cluster/catalogue.ts';
import type { Cluster } from '../../src/cluster/cluster.ts';
import { DEFAULTS } from '../../src/config/config.ts';
import { affectedServices } from '../../src/admission/affected.ts';
import { assessRuntime } from '../../src/admission/assess-runtime.ts';
import { readRuntime } from '../../src/kserve/runtime.ts';
import { BUILTIN_RUNTIME } from '../../src/cluster/builtin-runtime.ts';
import { ApiServer, clusterOf } from '../support/helpers.ts';
import { shippedRuntime, testWithShared } from '../support/shared.ts';
import { minimalRuntime, minimalService, type Loose } from '../rules/cases.ts';

const BUILTIN = 'kserve-huggingfaceserver-multinode';

function clusterRuntime(change: (runtime: Loose) => void = () => {}): Loose {
  const runtime = minimalRuntime();
  runtime.kind = 'ClusterServingRuntime';
  delete runtime.metadata.namespace;
  change(runtime);
  return runtime;
}

async function sizeOf(cluster: Cluster): Promise<unknown> {
  return (await cluster.runtime('team', BUILTIN))?.worker?.pipelineParallelSize.value;
}

function claim(metadata: object, accessModes: unknown = ['ReadWriteMany']): Loose {
  return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata, spec: { accessModes } };
}

function config(data: unknown): Loose {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'inferenceservice-config' }, data };
}

async function named(cluster: Cluster, namespace: string, name: string): Promise<string | null> {
  const runtime = await cluster.runtime(namespace, name);
  return runtime && `${runtime.kind} ${runtime.namespace ?? ''}/${runtime.name}`;
}

test.each<[unknown, string | null]>([
  [minimalService(), 'service'],
  [minimalRuntime(), 'runtime'],
  [claim({ name: 'a' }), 'claim'],
  [config({}), 'kserve'],
  [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'other' } }, null],
  [{ apiVersion: 'v1', kind: 'Namespace' }, 'namespace'],
  [{ apiVersion: 'example.com/v1', kind: 'InferenceService' }, null],
  [{ apiVersion: 'serving.kserve.io/v1alpha1', kind: 'InferenceGraph' }, null],
  ['text', null],
  [null, null],
])('the part of %j', (object, part) => {
  expect(partOf(object)).toBe(part);
});

describe('runtimes', () => {
  test("a namespace's runtime wins over the cluster's", async () => {
    const cluster = catalogueOf([clusterRuntime(), minimalRuntime()], 'complete');
    expect(await named(cluster, 'team', 'rt')).toBe('ServingRuntime team/rt');
    expect(await named(cluster, 'other', 'rt')).toBe('ClusterServingRuntime /rt');
    expect(await named(cluster, 'other', 'none')).toBeNull();
  });

  test('without a namespace in "default"', async () => {
    const runtime = minimalRuntime();
    delete runtime.metadata.namespace;
    expect(await named(catalogueOf([runtime], 'complete'), 'default', 'rt')).toBe(
      'ServingRuntime default/rt',
    );
  });

  test('the built-in runtime counts until a runtime of its name is given', async () => {
    const own = clusterRuntime((runtime) => {
      runtime.metadata.name = BUILTIN;
      runtime.spec.workerSpec.pipelineParallelSize = 3;
    });
    expect(await sizeOf(catalogueOf([], 'complete'))).toBe(1);
    expect(await sizeOf(catalogueOf([own], 'complete'))).toBe(3);
    expect((await catalogueOf([own], 'complete').runtimes('team')).inCluster).toHaveLength(1);
  });

  test('a runtime that is not given is missing in a complete catalogue, else it is the built-in one', () => {
    expect(catalogueOf([], 'complete').assumed()).toBeNull();
    expect(catalogueOf([], 'assumed').assumed()?.name).toBe(BUILTIN);
  });

  testWithShared("the built-in one asks for what the guide's default asks for", () => {
    expect(askedBy(BUILTIN_RUNTIME)).toEqual(askedBy(shippedRuntime()));
  });

  test('the built-in one draws no finding above a note', async () => {
    const findings = await assessRuntime(BUILTIN_RUNTIME, catalogueOf([], 'complete'), DEFAULTS);
    expect(findings.filter(({ severity }) => severity !== 'note')).toEqual([]);
  });
});

/** Resources and volumes of head and worker. */
function askedBy({ spec }: Loose): object {
  return [spec, spec.workerSpec].map(({ containers, volumes }: Loose) => ({
    volumes,
    containers: containers.map(({ name, resources, volumeMounts }: Loose) => ({
      name,
      resources,
      volumeMounts,
    })),
  }));
}

test("KServe's ConfigMap says where it is, and how host names are made", async () => {
  const object = config({
    ingress: JSON.stringify({ domainTemplate: '{{ .Name }}.x', ingressDomain: 'x.org' }),
  });
  object.metadata.namespace = 'serving';
  expect(await catalogueOf([object], 'complete').kserve()).toEqual({
    customGpuTypes: [],
    defaultDeploymentMode: null,
    namespace: 'serving',
    domainTemplate: '{{ .Name }}.x',
    ingressDomain: 'x.org',
  });
});

describe('claims', () => {
  const bound = { ...claim({ name: 'models', namespace: 'team' }), status: { phase: 'Bound' } };
  test.each<[string, string, Extent, object]>([
    ['team', 'models', 'complete', { status: 'found', accessModes: ['ReadWriteMany'], phase: 'Bound' }],
    ['default', 'models', 'complete', { status: 'found', accessModes: [], phase: null }],
    ['team', 'other', 'complete', { status: 'missing', name: 'other' }],
    ['team', 'other', 'assumed', { status: 'missing', name: 'other' }],
    ['team', 'models', 'assumed', { status: 'found' }],
  ])('%s/%s, %s', async (namespace, name, extent, expected) => {
    const cluster = catalogueOf([bound, claim({ name: 'models' }, 'all')], extent);
    expect(await cluster.claim(namespace, name)).toMatchObject(expected);
  });

  test('runtimes without any claim say nothing of claims', async () => {
    const cluster = catalogueOf([BUILTIN_RUNTIME], 'complete');
    expect(await cluster.claim('team', 'models')).toMatchObject({ status: 'unchecked', name: 'models' });
  });
});

test.each<[unknown, object]>([
  [
    {
      multiNode: '{"customGPUResourceTypeList": ["a.com/x", 5, ""]}',
      deploy: '{"defaultDeploymentMode": "Knative"}',
    },
    { customGpuTypes: ['a.com/x'], defaultDeploymentMode: 'Knative' },
  ],
  [
    { multiNode: '{', deploy: 5 },
    { customGpuTypes: [], defaultDeploymentMode: null },
  ],
  [null, { customGpuTypes: [], defaultDeploymentMode: null }],
])("KServe's ConfigMap %j", async (data, facts) => {
  expect(await catalogueOf([config(data)], 'complete').kserve()).toEqual(facts);
});

test('labels of a namespace', async () => {
  const namespace = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'team', labels: { a: 'b', c: 1 } },
  };
  const cluster = catalogueOf([namespace], 'complete');
  expect(await cluster.namespaceLabels('team')).toEqual(new Map([['a', 'b']]));
  expect(await cluster.namespaceLabels('other')).toEqual(new Map());
});

describe('services that a change of a runtime affects', () => {
  const unsized = minimalService();
  delete unsized.spec.predictor.workerSpec.pipelineParallelSize;
  delete unsized.spec.predictor.model.resources;
  const elsewhere = { ...minimalService(), metadata: { name: 'far', namespace: 'other' } };
  const cluster = catalogueOf([unsized, elsewhere, minimalRuntime()], 'complete');

  test.each<[string, (runtime: Loose) => void, string | null]>([
    ['nothing that matters', (runtime) => runtime.spec.supportedModelFormats.push({ name: 'onnx' }), null],
    ['another image', (runtime) => (runtime.spec.containers[0].image = 'y'), 'rolls'],
    ['another size', (runtime) => (runtime.spec.workerSpec.pipelineParallelSize = 2), 're-plans'],
    ['no workerSpec', (runtime) => delete runtime.spec.workerSpec, 'breaks'],
    ['disabled', (runtime) => (runtime.spec.disabled = true), 'breaks'],
  ])('%s', async (_what, change, effect) => {
    const next = minimalRuntime();
    change(next);
    expect(
      await affectedServices(readRuntime(next), readRuntime(minimalRuntime()), cluster, DEFAULTS),
    ).toMatchObject({
      services: effect === null ? [] : [{ namespace: 'team', name: 'llm', effect }],
      complete: true,
    });
  });

  test('the report has the numbers before, at once and after the next edit', async () => {
    const runtime = minimalRuntime();
    runtime.spec.workerSpec.pipelineParallelSize = 2;
    const [before, after] = [readRuntime(minimalRuntime()), readRuntime(runtime)];
    const [found] = (await affectedServices(after, before, cluster, DEFAULTS)).services;
    expect(found).toMatchObject({ before: { pods: 1, gpus: 8 }, after: { pods: 2, gpus: 16 } });

    // As headcount stores it: the sizes are stated.
    const server = new ApiServer(clusterOf([minimalRuntime()]));
    await server.apply(unsized);
    const stated = catalogueOf([server.stored, minimalRuntime()], 'complete');
    expect((await affectedServices(after, before, stated, DEFAULTS)).services).toMatchObject([
      { effect: 'keeps', before: { pods: 1, gpus: 8 }, after: { pods: 2, gpus: 16 } },
    ]);
  });

  test('a service that states the GPUs of the stored runtime breaks when the runtime names others', async () => {
    const [nvidia, amd] = ['nvidia.com/gpu', 'amd.com/gpu'].map((type) => {
      const runtime = minimalRuntime();
      runtime.spec.containers[0].resources = { requests: { [type]: '8' } };
      runtime.spec.workerSpec.containers[0].resources = { requests: { [type]: '8' } };
      return runtime;
    });
    const service = structuredClone(unsized);
    delete service.spec.predictor.workerSpec.containers;
    service.spec.predictor.workerSpec.pipelineParallelSize = 2;
    const server = new ApiServer(clusterOf([nvidia]));
    await server.apply(service);
    const stored = catalogueOf([server.stored, nvidia], 'complete');
    expect(
      (await affectedServices(readRuntime(amd), readRuntime(nvidia), stored, DEFAULTS)).services,
    ).toMatchObject([{ effect: 'breaks', why: expect.stringContaining('several GPU types') }]);
  });

  test('the runtimes of a namespace are listed once, however many services name none', async () => {
    const services = Array.from({ length: 5 }, (_, n) => {
      const service = structuredClone(unsized);
      service.metadata.name = `llm-${n}`;
      delete service.spec.predictor.model.runtime;
      return service;
    });
    const asked: string[] = [];
    const listed = clusterOf([minimalRuntime()]);
    const counting = clusterOf([minimalRuntime()], {
      services: async function* () {
        yield services;
      },
      runtimes(namespace) {
        asked.push(namespace);
        return listed.runtimes(namespace);
      },
    });
    const next = minimalRuntime();
    next.spec.workerSpec.pipelineParallelSize = 2;
    const affected = await affectedServices(
      readRuntime(next),
      readRuntime(minimalRuntime()),
      counting,
      DEFAULTS,
    );
    expect([affected.services.length, asked]).toEqual([5, ['team']]);
  });

  test('a runtime that the catalogue holds already changes nothing', async () => {
    expect(await affectedServices(readRuntime(minimalRuntime()), null, cluster, DEFAULTS)).toEqual({
      services: [],
      complete: true,
    });
  });

  test('with very many services only some are judged', async () => {
    const many = Array.from({ length: 2001 }, (_, i) => ({
      ...unsized,
      metadata: { name: `s${i}`, namespace: 'team' },
    }));
    const runtime = readRuntime(minimalRuntime());
    expect(
      await affectedServices(
        runtime,
        runtime,
        catalogueOf([...many, minimalRuntime()], 'complete'),
        DEFAULTS,
      ),
    ).toEqual({
      services: [],
      complete: false,
    });
  });
});
