/** What the mutations start from: reviews captured from an API server, and reviews of the manifests of the demo. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { BUILTIN_RUNTIME } from '../../src/cluster/builtin-runtime.ts';
import { reviewOf } from '../hostile/reviews.ts';
import { minimalRuntime, minimalService, type Loose } from '../rules/cases.ts';

const ROOT = join(import.meta.dirname, '../..');
const REVIEWS = process.env['HEADCOUNT_REVIEWS_DIR'] ?? join(ROOT, '../shared/reviews');
const MANIFESTS = join(ROOT, 'demo/manifests');

export interface Corpus {
  readonly reviews: readonly Loose[];
  /** What is left out because it is not there; null when nothing is. */
  readonly absent: string | null;
}

export function readCorpus(): Corpus {
  const captured = existsSync(REVIEWS) ? capturedReviews() : [];
  const manifests = readdirSync(MANIFESTS)
    .toSorted()
    .map((file) => parse(readFileSync(join(MANIFESTS, file), 'utf8')));
  const services = [minimalService(), fullService(), ...manifests].flatMap((service) => [
    reviewOf(service),
    reviewOf(service, { operation: 'UPDATE', oldObject: changed(service) }),
  ]);
  const runtimes = [minimalRuntime(), BUILTIN_RUNTIME as Loose].flatMap((runtime) => {
    const kind = { group: 'serving.kserve.io', version: 'v1alpha1', kind: runtime.kind };
    const old = structuredClone(runtime);
    delete old.spec.workerSpec;
    return [
      reviewOf(runtime, { kind, name: 'rt' }),
      reviewOf(old, { kind, name: 'rt', operation: 'UPDATE', oldObject: runtime }),
    ];
  });
  return { reviews: [...captured, ...services, ...runtimes], absent: captured.length === 0 ? REVIEWS : null };
}

function capturedReviews(): readonly Loose[] {
  return ['mutating', 'validating'].flatMap((phase) =>
    readdirSync(join(REVIEWS, phase))
      .toSorted()
      .map((file) => JSON.parse(readFileSync(join(REVIEWS, phase, file), 'utf8'))),
  );
}

/** A service with something at every place that is read. */
function fullService(): Loose {
  const service = minimalService();
  const { metadata, spec } = service;
  const { model, workerSpec } = spec.predictor;
  const env = [
    { name: 'NCCL_DEBUG', value: 'INFO' },
    { name: 'RAY_NODE_COUNT', valueFrom: { fieldRef: {} } },
  ];
  metadata.annotations['serving.kserve.io/gpu-resource-types'] = '["nvidia.com/mig-1g.5gb"]';
  metadata.annotations['kubectl.kubernetes.io/last-applied-configuration'] = JSON.stringify(service);
  metadata.managedFields = [
    {
      // In the order in which an API server writes them.
      fieldsV1: { 'f:spec': { 'f:predictor': { 'f:workerSpec': { 'f:tensorParallelSize': {} } } } },
      manager: 'kubectl',
      operation: 'Apply',
      time: '2026-08-01T00:00:00Z',
    },
  ];
  const own = {
    env,
    envFrom: [{ configMapRef: { name: 'more' } }],
    command: ['bash', '-c'],
    args: ["vllm serve --tensor-parallel-size 8 --pipeline-parallel-size='2'", '-tp=8'],
  };
  Object.assign(model, structuredClone(own), { startupProbe: { failureThreshold: 40, periodSeconds: 30 } });
  Object.assign(workerSpec.containers[0], structuredClone(own));
  workerSpec.initContainers = [{ name: 'init', resources: { limits: { 'amd.com/gpu': 1 } } }];
  model.resources.requests['example.com/unknown'] = '1';
  model.resources.limits['rdma/ib'] = '1';
  Object.assign(spec.predictor, {
    containers: [
      { name: 'sidecar', env: structuredClone(env), resources: { limits: { 'nvidia.com/gpu': '1' } } },
    ],
    nodeSelector: { pool: 'gpu' },
    tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }],
    minReplicas: 1,
    maxReplicas: 1,
  });
  workerSpec.tolerations = [{ key: 'other', operator: 'Equal', value: 'x' }];
  return service;
}

/** The same service as it may have been before, with a record of ours. */
function changed(service: Loose): Loose {
  const old = structuredClone(service);
  old.metadata.generation = 3;
  old.metadata.annotations = {
    ...old.metadata.annotations,
    'headcount.dev/applied': '{"v":1,"wrote":[["size","pipelineParallelSize",4]],"made":[]}',
  };
  if (old.spec.predictor.workerSpec) old.spec.predictor.workerSpec.pipelineParallelSize = 4;
  return old;
}
