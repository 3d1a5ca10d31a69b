/**
 * TENSOR_PARALLEL_SIZE and PIPELINE_PARALLEL_SIZE are never env.
 *
 * Reads: `env` and `envFrom` of the service's model (or framework shorthand), of every predictor and
 * workerSpec container and init container, and of the runtime's containers.
 * Allowed: neither name, as a value or as valueFrom. `envFrom` is a note: its keys are not in the object. A runtime without
 * workerSpec is not judged.
 * Why: KServe sets both from workerSpec. Its webhook refuses them in the model's env only; elsewhere they
 * contradict the sizes by which pods and GPUs are counted, and a valueFrom stays beside KServe's value and
 * makes the Deployment invalid.
 * Source: docs/kserve.md, The guide; docs/kserve.md, What KServe's webhooks check;
 * docs/kserve.md, Environment that the controller sets.
 */
import type { ContainerView, EnvEntry } from '../kserve/container.ts';
import type { RuntimeView } from '../kserve/runtime.ts';
import { serviceWorkerContainer } from '../kserve/merge.ts';
import type { Report, Rule } from './rule.ts';
import { quote } from '../lib/text.ts';
import { oncePer } from '../lib/once.ts';

const SIZES: ReadonlyMap<string, string> = new Map([
  ['TENSOR_PARALLEL_SIZE', 'tensorParallelSize'],
  ['PIPELINE_PARALLEL_SIZE', 'pipelineParallelSize'],
]);

export const rule: Rule = {
  id: 'parallel-size-env',
  summary: 'The parallel sizes are given in workerSpec, never as env',
  *checkService({ service, runtime }) {
    const { worker } = service;
    if (worker === null) return;
    if (service.model !== null && hasSize(service.model)) yield* sizesIn(service.model, '', worker.field);
    const { containers, initContainers } = service;
    for (const list of [containers, initContainers, worker.containers, worker.initContainers]) {
      for (const container of list) if (hasSize(container)) yield* sizesIn(container, '', worker.field);
    }
    if (runtime.status === 'found' && setsSizes(runtime.runtime)) {
      for (const found of inRuntime(runtime.runtime, worker.field)) yield { ...found, owner: 'runtime' };
    }
    yield* unseen(service.model);
    yield* unseen(serviceWorkerContainer(service));
  },
  *checkRuntime({ runtime }) {
    const { worker } = runtime;
    // KServe sets neither in a runtime for one node.
    if (worker === null) return;
    yield* inRuntime(runtime, worker.field);
    yield* unseen(runtime.head);
    yield* unseen(worker.container);
  },
};

/** @param workerField the workerSpec where the size is to be written instead */
function* inRuntime(runtime: RuntimeView, workerField: string): Iterable<Report> {
  const where = ` in the ${runtime.kind} ${quote(runtime.name)}`;
  for (const container of containersOf(runtime)) yield* sizesIn(container, where, workerField);
}

function containersOf({ containers, initContainers, worker }: RuntimeView): readonly ContainerView[] {
  return [...containers, ...initContainers, ...(worker?.containers ?? []), ...(worker?.initContainers ?? [])];
}

/** It is the same for every service on a runtime. */
const setsSizes = oncePer((runtime: RuntimeView) => containersOf(runtime).some(hasSize));

function hasSize({ env }: ContainerView): boolean {
  return env.some(({ name }) => SIZES.has(name));
}

function* sizesIn(container: ContainerView, where: string, workerField: string): Iterable<Report> {
  for (const entry of container.env) if (SIZES.has(entry.name)) yield report(entry, where, workerField);
}

function report(entry: EnvEntry, where: string, workerField: string): Report {
  const { field, name, value } = entry;
  const size = SIZES.get(name);
  const number = !entry.hasValueFrom && value !== null && /^\d{1,9}$/.test(value) ? value : '<number>';
  const literal = entry.hasOtherType ? 'with a value that is no text' : `to ${quote(value ?? '')}`;
  const found = entry.hasValueFrom ? 'with valueFrom' : literal;
  return {
    severity: 'deny',
    field,
    message: `${name} is set as env ${found}${where}, but KServe sets it from ${size} of workerSpec`,
    fix: `remove it${where}, and write ${workerField}.${size}: ${number}`,
    short: `${name} must not be env${where}: remove it and set workerSpec.${size}`,
  };
}

function unseen(container: ContainerView | null): readonly Report[] {
  const field = container?.envFrom ?? null;
  if (field === null) return [];
  return [
    {
      severity: 'note',
      field,
      message: 'the keys of envFrom are not in the object, so they were not checked for the parallel sizes',
      fix: 'make sure that it brings neither TENSOR_PARALLEL_SIZE nor PIPELINE_PARALLEL_SIZE',
      short: 'envFrom not checked: it must bring neither TENSOR_PARALLEL_SIZE nor PIPELINE_PARALLEL_SIZE',
    },
  ];
}
