/**
 * Every resource of head and worker is one that KServe knows, and every GPU count can be read.
 *
 * Reads: requests and limits of the model, of the workers, of sidecars and init containers and of the pods as
 * a whole, and the annotation serving.kserve.io/gpu-resource-types.
 * Allowed: cpu, memory, storage, ephemeral-storage; KServe's four GPU types and those of its ConfigMap and of
 * the annotation, as positive whole numbers, limits equal to requests. A name that is never a GPU (gpus.notGpus
 * of the configuration) needs a GPU request beside it and a place in the annotation.
 * Why: KServe's webhook refuses unknown names with its first error only; where a network resource is the only
 * listed name in a container, KServe takes it for the GPU and writes the count there; it reads no pod-level
 * GPUs, nor those of other containers.
 * Source: docs/kserve.md, The guide (NCCL only); docs/kserve.md, GPU types; docs/kserve.md, GPUs that the controller
 * sets; docs/kserve.md, What KServe's webhooks check; kserve/kserve#4346; Kubernetes, extended resources.
 */
import {
  STANDARD_RESOURCES,
  type ContainerView,
  type ResourceEntry,
  type Resources,
} from '../kserve/container.ts';
import type { RuntimeView } from '../kserve/runtime.ts';
import { annotationField, GPU_RESOURCE_TYPES } from '../kserve/annotations.ts';
import type { ServiceView } from '../kserve/view.ts';
import {
  annotatedGpuTypes,
  isNeverGpu,
  isTooLongList,
  KNOWN_GPU_TYPES,
  LONGEST_LIST,
  mergeContainers,
  MOST_TYPES,
  type KServeFacts,
  type ContainerResources,
} from '../kserve/gpus.ts';
import { entryOf } from '../kserve/merge.ts';
import type { Report, Rule } from './rule.ts';
import type { RuleSettings } from './subject.ts';
import { quote, visible } from '../lib/text.ts';

/** More names than this make no line that somebody would paste. */
const MOST_IN_LINE = 8;

export const rule: Rule = {
  id: 'gpu-resource',
  summary: 'Resource names are known to KServe, and GPU counts are whole numbers in the right place',
  *checkService({ service, runtime, kserve, settings }) {
    const { worker, model } = service;
    if (worker === null) return;
    const listed = annotatedGpuTypes(service.annotations);
    const names = new Names(listed, kserve, settings);
    const found = runtime.status === 'found' ? runtime.runtime : null;
    const checked = [
      ...(model === null ? [] : [new Checked(model, found?.head ?? null)]),
      ...worker.containers.map((own) => new Checked(own, found?.worker?.container ?? null)),
    ];
    const advice = listingAdvice(listed ?? [], checked, names, settings);
    if (listed === null) yield unreadable(service);
    else for (const type of listed) if (lacksDomain(type, names)) yield noDomain(type);
    for (const container of checked) yield* containerReports(container, names, advice);
    if (found !== null) yield* inherited(service, found, names);
    yield* podLevel(service.podRequests, service.podLimits, names, 'predictor', model?.resourcesField);
    yield* podLevel(
      worker.podRequests,
      worker.podLimits,
      names,
      'workerSpec',
      `${worker.containersField}[0].resources`,
    );
    yield* uncounted(service.containers, names, 'a sidecar');
    yield* uncounted(worker.containers.slice(1), names, 'a further worker container');
    yield* uncounted([...service.initContainers, ...worker.initContainers], names, 'an init container');
    yield* otherVendor(checked, names);
  },
  *checkRuntime({ runtime, kserve, settings }) {
    const { worker, head } = runtime;
    if (worker === null) return;
    const names = new Names(annotatedGpuTypes(runtime.annotations), kserve, settings);
    const checked = [...(head === null ? [] : [head]), ...worker.containers].map(
      (own) => new Checked(own, null),
    );
    const sidecars = runtime.containers.filter((container) => container !== head);
    for (const container of checked) yield* containerReports(container, names, RUNTIME_ADVICE);
    yield* uncounted(sidecars, names, 'a sidecar');
    yield* uncounted(worker.containers.slice(1), names, 'a further worker container');
    yield* uncounted([...runtime.initContainers, ...worker.initContainers], names, 'an init container');
    yield* otherVendor(checked, names);
  },
};

/** What KServe and the configuration take a resource name for. */
type Kind = 'standard' | 'gpu' | 'network' | 'unknown';

class Names {
  readonly #listed: ReadonlySet<string>;
  readonly #notGpus: readonly string[];
  readonly #readable: boolean;

  /** @param listed null where the annotation can't be read: then no name can be called unknown */
  constructor(listed: readonly string[] | null, kserve: KServeFacts, settings: RuleSettings) {
    this.#readable = listed !== null;
    this.#listed = new Set([...(listed ?? []), ...kserve.customGpuTypes]);
    this.#notGpus = settings.notGpus;
  }

  kindOf(name: string): Kind {
    if (STANDARD_RESOURCES.includes(name)) return 'standard';
    if (isKnown(name)) return 'gpu';
    if (isNeverGpu(name, this.#notGpus)) return 'network';
    if (this.#listed.has(name)) return 'gpu';
    return this.#readable ? 'unknown' : 'standard';
  }

  isGpu(name: string): boolean {
    return this.kindOf(name) === 'gpu';
  }

  isListed(name: string): boolean {
    return this.#listed.has(name);
  }
}

function isKnown(name: string): boolean {
  return (KNOWN_GPU_TYPES as readonly string[]).includes(name);
}

/** A container whose resources KServe's validator reads, and what becomes of it in the pod. */
class Checked {
  readonly own: ContainerView;
  readonly merged: ContainerResources;
  /** Every resource name that it has in requests or limits, once. */
  readonly all: readonly string[];

  constructor(own: ContainerView, below: ContainerView | null) {
    this.own = own;
    this.merged = mergeContainers(below, own);
    this.all = namesIn(own);
  }
}

function namesIn({ requests, limits }: ContainerResources): readonly string[] {
  const names = [...requests.keys()];
  for (const name of limits.keys()) if (!requests.has(name)) names.push(name);
  return names;
}

/** How to get a name past KServe's validator. */
type Advice = (name: string) => { readonly fix: string; readonly short: string };

/** The annotation with every name that it lacks, GPU types first: KServe writes under the first that is there. */
function listingAdvice(
  listed: readonly string[],
  checked: readonly Checked[],
  names: Names,
  { notGpus }: RuleSettings,
): Advice {
  const complete = (): readonly string[] => {
    const used = (kind: Kind): readonly string[] =>
      checked.flatMap((container) => container.all).filter((other) => names.kindOf(other) === kind);
    const gpus = [...listed, ...used('unknown')].filter((other) => !isNeverGpu(other, notGpus));
    const others = [...listed.filter((other) => isNeverGpu(other, notGpus)), ...used('network')];
    return [...new Set([...gpus, ...others])];
  };
  // The same for every name, of which there may be thousands.
  let all: readonly string[] | undefined;
  return (name) => {
    all ??= complete();
    return {
      fix:
        all.length > MOST_IN_LINE
          ? `add ${quote(name)} to the list in the annotation ${GPU_RESOURCE_TYPES}, GPU types first`
          : `add the annotation ${GPU_RESOURCE_TYPES}: '${JSON.stringify(all.map(visible))}'`,
      short: `add ${quote(name)} to the annotation ${GPU_RESOURCE_TYPES}`,
    };
  };
}

/** The annotation is one of services. */
const RUNTIME_ADVICE: Advice = () => ({
  fix: `ask for it in the services that need it, with the annotation ${GPU_RESOURCE_TYPES}`,
  short: `ask for it in the services, with the annotation ${GPU_RESOURCE_TYPES}`,
});

function* containerReports(container: Checked, names: Names, advice: Advice): Iterable<Report> {
  let hasGpu: boolean | undefined;
  for (const name of container.all) {
    const entry = entryOf(container.own, name);
    if (entry === undefined) continue;
    const kind = names.kindOf(name);
    if (kind === 'unknown') yield unknownName(entry.field, name, advice);
    if (kind === 'gpu') yield* gpuCounts(container.own, name);
    if (kind !== 'network') continue;
    hasGpu ??= asksForGpu(container, names);
    yield* networkReports(hasGpu, entry.field, name, names, advice);
  }
}

function asksForGpu({ merged }: Checked, names: Names): boolean {
  return namesIn(merged).some(
    (name) => names.isGpu(name) && (merged.requests.get(name) ?? merged.limits.get(name))?.count !== 0,
  );
}

function unknownName(field: string, name: string, advice: Advice): Report {
  const { fix, short } = advice(name);
  return {
    severity: 'deny',
    field,
    message: `KServe knows no resource ${quote(name)}: it is neither a standard one nor a GPU type`,
    fix: `correct the name (${KNOWN_GPU_TYPES.join(', ')}), or ${fix}`,
    short: `unknown resource ${quote(name)}: correct the name or ${short}`,
  };
}

function* networkReports(
  hasGpu: boolean,
  field: string,
  name: string,
  names: Names,
  advice: Advice,
): Iterable<Report> {
  if (!hasGpu) {
    yield {
      severity: 'deny',
      field,
      message: `${quote(name)} stands without a GPU request, so that KServe may take it for the GPU and write the count there`,
      fix: 'ask for GPUs in the same container, as in nvidia.com/gpu: "8"',
      short: `${quote(name)} stands without a GPU request: ask for GPUs in the same container`,
    };
  }
  if (!names.isListed(name)) {
    const { fix, short } = advice(name);
    yield {
      severity: 'warn',
      field,
      message: `${quote(name)} is no GPU, but KServe's validator refuses it unless it is listed as one`,
      fix,
      short: `KServe's validator refuses ${quote(name)}: ${short}`,
    };
  }
}

function gpuCounts({ requests, limits }: ContainerView, name: string): readonly Report[] {
  const request = requests.get(name);
  const limit = limits.get(name);
  // The same value in both is one slip.
  const given = [request, request?.given === limit?.given ? undefined : limit].filter(
    (entry) => entry !== undefined,
  );
  const notCounts = given.filter((entry) => entry.count === null);
  if (notCounts.length > 0) return notCounts.map((entry) => noCount(entry, name, ''));
  if (request !== undefined && limit !== undefined && request.count !== limit.count) {
    return [unequal(request, limit, name)];
  }
  return given
    .slice(0, 1)
    .filter(({ count }) => count === 0)
    .map((entry) => zero(entry, name));
}

function noCount({ field, given }: ResourceEntry, name: string, where: string): Report {
  const found = `${visible(name)}${where} is ${quote(given)}`;
  return {
    severity: 'deny',
    field,
    message: `${found}, not a positive whole number`,
    fix: `write a whole number, as in ${visible(name)}: "8"`,
    short: `${found}: write a whole number`,
  };
}

function unequal(request: ResourceEntry, limit: ResourceEntry, name: string): Report {
  const found = `${visible(name)}: request ${quote(request.given)} and limit ${quote(limit.given)} differ`;
  return {
    severity: 'deny',
    field: request.field,
    message: `${found}, which Kubernetes does not allow for GPUs`,
    fix: 'write the same count in requests and limits',
    short: `${visible(name)}: request and limit differ: write the same count in both`,
  };
}

function zero({ field, given }: ResourceEntry, name: string): Report {
  return {
    severity: 'warn',
    field,
    message: `${visible(name)} is ${quote(given)}, which KServe takes as unset, and then it decides the count`,
    fix: 'leave it out, or write the count that you mean',
    short: `${visible(name)} is ${quote(given)}, which counts as unset: leave it out or write a count`,
  };
}

/** Unreadable counts that only the runtime gives, since no plan can be made with them. */
function* inherited(
  service: ServiceView,
  { kind, name, head, worker }: RuntimeView,
  names: Names,
): Iterable<Report> {
  for (const [below, own] of [
    [head, service.model],
    [worker?.container, service.worker?.containers[0]],
  ] as const) {
    for (const [type, entry] of below?.requests ?? []) {
      if (!names.isGpu(type) || entry.count !== null || own?.requests.has(type) === true) continue;
      yield { ...noCount(entry, type, ` of the ${kind} ${quote(name)}`), owner: 'runtime' };
    }
  }
}

function* podLevel(
  requests: Resources,
  limits: Resources,
  names: Names,
  pod: string,
  rightField = 'spec.predictor.model.resources',
): Iterable<Report> {
  for (const name of namesIn({ requests, limits })) {
    if (!names.isGpu(name)) continue;
    yield {
      severity: 'deny',
      field: (requests.get(name) ?? limits.get(name))?.field ?? '',
      message: `${visible(name)} stands in the resources of the whole pod (${pod}), which KServe does not count`,
      fix: `write it under ${rightField}`,
      short: `KServe does not count ${visible(name)} of the whole pod: write it under ${rightField}`,
    };
  }
}

function* uncounted(containers: readonly ContainerView[], names: Names, what: string): Iterable<Report> {
  for (const container of containers) {
    for (const name of namesIn(container)) {
      const entry = entryOf(container, name);
      if (entry === undefined || entry.count === 0 || !names.isGpu(name)) continue;
      yield {
        severity: 'warn',
        field: entry.field,
        message: `${visible(name)} of ${what} is reserved in every such pod, but not counted by KServe`,
        fix: 'take it out, or move it to the container that serves the model',
        short: `${visible(name)} of ${what} is reserved but not counted by KServe: take it out`,
      };
    }
  }
}

function unreadable(service: ServiceView): Report {
  const field = annotationField(GPU_RESOURCE_TYPES);
  if (isTooLongList(service.annotations)) {
    return {
      severity: 'deny',
      field,
      message: `the list has more than ${MOST_TYPES} entries or ${LONGEST_LIST} characters, so it was not read`,
      fix: 'list only the types that the service asks for',
      short: `annotation ${GPU_RESOURCE_TYPES} is too long to be read: list only the types that the service asks for`,
    };
  }
  const example = `${GPU_RESOURCE_TYPES}: '["nvidia.com/mig-1g.5gb"]'`;
  return {
    severity: 'deny',
    field,
    message: `${quote(service.annotations[GPU_RESOURCE_TYPES])} is not a JSON array of at least one non-empty string`,
    fix: `write a list, as in ${example}`,
    short: `annotation ${GPU_RESOURCE_TYPES} is not a JSON array of strings; an example: '["nvidia.com/mig-1g.5gb"]'`,
  };
}

/** Huge pages are named without one. */
function lacksDomain(type: string, names: Names): boolean {
  return !type.includes('/') && names.kindOf(type) !== 'network';
}

function noDomain(type: string): Report {
  return {
    severity: 'warn',
    field: annotationField(GPU_RESOURCE_TYPES),
    message: `${quote(type)} has no domain, so that no device plugin can offer it`,
    fix: 'write the full name, as in nvidia.com/mig-1g.5gb',
    short: `GPU type ${quote(type)} has no domain: write the full name, as in nvidia.com/mig-1g.5gb`,
  };
}

/** Said once: the first GPU of another vendor. */
function otherVendor(checked: readonly Checked[], names: Names): readonly Report[] {
  for (const { own, all } of checked) {
    const name = all.find((type) => names.isGpu(type) && !type.startsWith('nvidia.com/'));
    const entry = name === undefined ? undefined : entryOf(own, name);
    if (name === undefined || entry === undefined || entry.count === 0) continue;
    return [
      {
        severity: 'note',
        field: entry.field,
        message: `${visible(name)} is not of nvidia.com, and the guide says that distributed vLLM supports NCCL only`,
        fix: 'make sure that the image of the runtime serves over several nodes on these GPUs',
        short: `${visible(name)}: the guide says that distributed vLLM supports NCCL only`,
      },
    ];
  }
  return [];
}
