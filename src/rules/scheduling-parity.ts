/**
 * Workers run where and as the head does.
 *
 * Reads: the pod specs of predictor and workerSpec, each merged with the runtime's: nodeSelector, tolerations, affinity,
 * imagePullSecrets, memory-backed volumes; of the service alone serviceAccountName, runtimeClassName, priorityClassName;
 * env that begins with NCCL_, and network resources, of the merged containers.
 * Warned: what the head has and the worker lacks. Parts of affinity are compared by their presence. Nothing is said of
 * env where the worker has an envFrom, whose keys can't be seen.
 * Why: KServe takes the worker's pods from workerSpec alone. A tool that sets up GPU nodes often writes to the head only,
 * and the workers then stay pending, can't pull their image, or run with other settings of NCCL than the head.
 * Source: docs/kserve.md, Merge of service and runtime, Services that run otherwise than meant; OpenShift AI's hardware
 * profiles write to the predictor alone.
 */
import type { ContainerView } from '../kserve/container.ts';
import { isNeverGpu, isSet } from '../kserve/gpus.ts';
import { serviceWorkerContainer, type PodContainers } from '../kserve/merge.ts';
import { namesIn } from '../kserve/resource-names.ts';
import type { RuntimeView } from '../kserve/runtime.ts';
import type { ServiceView } from '../kserve/view.ts';
import { mergeScheduling, POD_NAMES, type Scheduling } from '../kserve/worker.ts';
import { asObject, asString, equalJson, property } from '../lib/json.ts';
import { quote, visible } from '../lib/text.ts';
import type { Report, Rule } from './rule.ts';

export const rule: Rule = {
  id: 'scheduling-parity',
  summary: 'The worker has the scheduling, the accounts, the network and the NCCL settings of the head',
  needsPlan: true,
  *checkService({ service, runtime, plan, pods, settings }) {
    if (service.worker === null || plan === null || plan.worker.replicas === 0) return;
    if (pods === null || runtime.status !== 'found') return;
    const own = service.scheduling;
    if (saysAnything(own) || saysAnything(runtime.runtime.scheduling)) {
      const head = mergeScheduling(runtime.runtime.scheduling, own);
      const worker = mergeScheduling(runtime.runtime.worker?.scheduling, service.worker.scheduling);
      yield* selectors(head, worker);
      yield* tolerations(head, worker);
      yield* podSettings(head, worker);
    }
    yield* ncclSettings(service, runtime.runtime);
    yield* networks(pods, settings.notGpus);
  },
};

/** Does it say anything that a worker could lack? */
function saysAnything(scheduling: Scheduling): boolean {
  const { nodeSelector, tolerations: tolerated, affinity, imagePullSecrets, volumes, names } = scheduling;
  if (Object.keys(nodeSelector).length > 0) return true;
  const lists = tolerated.length + affinity.length + imagePullSecrets.length + volumes.size;
  return lists > 0 || POD_NAMES.some((name) => names[name] !== null);
}

function* podSettings(head: Scheduling, worker: Scheduling): Iterable<Report> {
  for (const name of POD_NAMES) {
    const value = head.names[name];
    if (value !== null && worker.names[name] !== value) {
      yield lacking(`${worker.field}.${name}`, `${name} ${quote(value)}`, 'write the same under workerSpec');
    }
  }
  for (const part of head.affinity) {
    if (!worker.affinity.includes(part)) {
      yield lacking(`${worker.field}.affinity`, part, `write affinity.${part} under workerSpec`);
    }
  }
  if (head.imagePullSecrets.length > 0) {
    const known = new Set(worker.imagePullSecrets);
    for (const secret of head.imagePullSecrets) {
      if (known.has(secret)) continue;
      const what = `the imagePullSecret ${quote(secret)}`;
      yield lacking(`${worker.field}.imagePullSecrets`, what, 'write it under workerSpec.imagePullSecrets');
    }
  }
  const memory = inMemory(head);
  if (memory !== null && inMemory(worker) === null) {
    const what = `the memory-backed volume ${quote(memory)}`;
    yield lacking(`${worker.field}.volumes`, what, 'write volume and volumeMount under workerSpec');
  }
}

/** @returns the first volume in memory */
function inMemory({ volumes }: Scheduling): string | null {
  for (const [name, isInMemory] of volumes) if (isInMemory) return name;
  return null;
}

function* ncclSettings(service: ServiceView, runtime: RuntimeView): Iterable<Report> {
  if (!hasNccl(runtime.head) && !hasNccl(service.model)) return;
  const ofHead = ncclNames(runtime.head, service.model);
  const own = serviceWorkerContainer(service);
  const ofRuntime = runtime.worker?.container ?? null;
  if ((own?.envFrom ?? null) !== null || (ofRuntime?.envFrom ?? null) !== null) return;
  const known = ncclNames(ofRuntime, own);
  const field = `${own?.field ?? `${service.predictorField}.workerSpec.containers[0]`}.env`;
  for (const name of ofHead) {
    if (!known.has(name)) yield lacking(field, `the env ${quote(name)}`, `write it in ${field} too`);
  }
}

function hasNccl(container: ContainerView | null): boolean {
  return container !== null && container.env.some(({ name }) => name.startsWith(NCCL));
}

const NCCL = 'NCCL_';

function ncclNames(ofRuntime: ContainerView | null, own: ContainerView | null): ReadonlySet<string> {
  const names = new Set<string>();
  for (const container of [ofRuntime, own]) {
    for (const { name } of container?.env ?? []) if (name.startsWith(NCCL)) names.add(name);
  }
  return names;
}

/** RDMA devices and the like: without one, NCCL of the worker takes another way than that of the head. */
function* networks({ head, worker }: PodContainers, notGpus: readonly string[]): Iterable<Report> {
  const [first, ...others] = [...namesIn(head.merged)].filter(
    (name) =>
      name.includes('/') &&
      isNeverGpu(name, notGpus) &&
      isSet(head.merged, name) &&
      !isSet(worker.merged, name),
  );
  if (first === undefined) return;
  const more = others.length === 0 ? '' : ` and ${others.length} more like it`;
  const field = worker.resourcesField;
  yield lacking(
    field,
    `the resource ${quote(first)}${more}`,
    `write it in requests and limits of ${field} too`,
  );
}

function lacking(field: string, what: string, fix: string): Report {
  return {
    severity: 'warn',
    field,
    message: `the head has ${what}, the worker does not: KServe takes the workers' pods from workerSpec alone`,
    fix,
    short: `the head has ${what}, the worker does not: ${fix}`,
  };
}

function* selectors(head: Scheduling, worker: Scheduling): Iterable<Report> {
  for (const [key, value] of Object.entries(head.nodeSelector)) {
    if (equalJson(value, property(worker.nodeSelector, key))) continue;
    const pair = `${visible(key)}: ${quote(value)}`;
    yield {
      severity: 'warn',
      field: worker.nodeSelectorField,
      message: `the head selects nodes with ${pair}, the worker does not`,
      fix: `write the same under workerSpec.nodeSelector`,
      short: `the head selects nodes with ${pair}, the worker does not: write it there too`,
    };
  }
}

function* tolerations(head: Scheduling, worker: Scheduling): Iterable<Report> {
  if (head.tolerations.length === 0 || worker.tolerations.some(toleratesAll)) return;
  // Compared as texts, since each list may be thousands long.
  const tolerated = new Set(worker.tolerations.map(ordered));
  for (const toleration of head.tolerations) {
    if (tolerated.has(ordered(toleration))) continue;
    const key = quote(asString(property(toleration, 'key')) ?? '');
    yield {
      severity: 'warn',
      field: worker.tolerationsField,
      message: `the head tolerates the taint ${key}, the worker does not and may stay pending`,
      fix: 'write the same toleration under workerSpec.tolerations',
      short: `the head tolerates the taint ${key}, the worker does not: write it there too`,
    };
  }
}

/** Kubernetes: Exists without a key (and without an effect) matches every taint. */
function toleratesAll(toleration: unknown): boolean {
  return (
    property(toleration, 'operator') === 'Exists' &&
    !property(toleration, 'key') &&
    !property(toleration, 'effect')
  );
}

/** Its JSON, with the keys of each object in order: equal values give equal texts. */
function ordered(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    const object = asObject(item);
    return object === null ? item : Object.fromEntries(Object.entries(object).toSorted(byKey));
  });
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
