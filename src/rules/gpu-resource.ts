/**
 * Every resource of head and worker is one that KServe knows, and every GPU count can be read.
 *
 * Reads: requests and limits of the model, of the workers, of sidecars and init containers and of the pods as
 * a whole, and the annotation serving.kserve.io/gpu-resource-types of the service, of the predictor and of both parts
 * of the runtime.
 * Allowed: cpu, memory, storage, ephemeral-storage; KServe's four GPU types and those of its ConfigMap and of
 * the annotation, as positive whole numbers. A name that is never a GPU (gpus.notGpus of the configuration) needs a
 * place in the annotation, and a GPU request beside it in head or worker, its own or the runtime's.
 * Why: KServe's webhook refuses unknown names with its first error only; where a network resource is the only
 * listed name in a container, KServe takes it for the GPU and writes the count there; it reads no pod-level
 * GPUs, nor those of other containers. A resource under which it does not write its count needs a limit equal to its
 * request, as the API server wants it. Of a
 * request and a limit that differ, under which it does, it takes the request for both.
 * Source: docs/kserve.md, The guide (NCCL only); docs/kserve.md, GPU types; docs/kserve.md, GPUs that the controller
 * sets; docs/kserve.md, What KServe's webhooks check; docs/kserve.md, Services that KServe admits and cannot run;
 * kserve/kserve#4346; Kubernetes, extended resources.
 */
import type { ContainerView } from '../kserve/container.ts';
import { annotatedGpuTypes, gpuTypes } from '../kserve/gpu-types.ts';
import type { ContainerResources } from '../kserve/gpus.ts';
import { entryOf, podContainers, type PodContainer } from '../kserve/merge.ts';
import { podAnnotationField } from '../kserve/pod-annotations.ts';
import { HEAD_CONTAINER, WORKER_CONTAINER } from '../kserve/names.ts';
import { namesIn, ResourceNames } from '../kserve/resource-names.ts';
import type { ServiceView } from '../kserve/view.ts';
import { annotationField, GPU_RESOURCE_TYPES } from '../kserve/annotations.ts';
import { quote, visible } from '../lib/text.ts';
import type { Report, Rule } from './rule.ts';
import { gpuCounts, inheritedCounts } from './support/gpu-counts.ts';
import { inheritedLists, listReports, runtimeLists } from './support/gpu-types-list.ts';
import { podLevel, uncounted } from './support/uncounted-gpus.ts';
import { unwrittenUnequal } from './support/unwritten-resources.ts';
import { listingAdvice, unknownName, unlistedNetwork, type Advice } from './support/unlisted-names.ts';

export const rule: Rule = {
  id: 'gpu-resource',
  summary: 'Resource names are known to KServe, and GPU counts are whole numbers in the right place',
  *checkService({ service, runtime, plan, pods, kserve, settings }) {
    const { worker, model } = service;
    if (worker === null) return;
    const listed = annotatedGpuTypes(service.annotations);
    const names = new ResourceNames(listed, kserve, settings);
    const found = runtime.status === 'found' ? runtime.runtime : null;
    const checked = [...(model === null ? [] : [model]), ...worker.containers];
    const advice = listingAdvice(listed ?? [], () => namesOf(checked), names, settings.notGpus);
    yield* listReports(service.annotations, annotationField(GPU_RESOURCE_TYPES), names);
    yield* listReports(service.podAnnotations, podAnnotationField(GPU_RESOURCE_TYPES), names);
    for (const container of checked) yield* containerReports(container, names, advice);
    if (found !== null) {
      const { head, worker: workers } = pods ?? podContainers(service, found);
      if (plan !== null) {
        yield* unwrittenUnequal(head, plan.head.type, names);
        // Checked even without worker pods, because KServe still makes the Deployment, and the API server refuses it.
        yield* unwrittenUnequal(workers, plan.worker.type, names);
      }
      const types = gpuTypes(service, found, kserve);
      yield* networkAlone(head, names, types.head.written);
      yield* networkAlone(workers, names, types.worker.written);
      yield* inheritedLists(service, found);
      yield* inheritedCounts(found.head, head.own, found, names);
      yield* inheritedCounts(found.worker?.container ?? null, workers.own, found, names);
    }
    yield* podLevel(service.podRequests, service.podLimits, names, 'predictor', model?.resourcesField);
    yield* podLevel(
      worker.podRequests,
      worker.podLimits,
      names,
      'workerSpec',
      worker.containers.length > 0
        ? `${worker.containersField}[0].resources`
        : `${worker.containersField}: [{name: ${WORKER_CONTAINER}, resources: ...}]`,
    );
    yield* uncounted(sidecarsOf(service), names, 'a sidecar');
    yield* uncounted(worker.containers.slice(1), names, 'a further worker container');
    yield* uncounted(service.initContainers, names, 'an init container');
    yield* uncounted(worker.initContainers, names, 'an init container');
    yield* otherVendor(checked, names);
  },
  *checkRuntime({ runtime, kserve, settings }) {
    const { worker, head } = runtime;
    if (worker === null) return;
    const listed = annotatedGpuTypes(runtime.annotations);
    const names = new ResourceNames(listed, kserve, settings);
    const checked = [...(head === null ? [] : [head]), ...worker.containers];
    const advice = listingAdvice(
      listed ?? [],
      () => namesOf(checked),
      names,
      settings.notGpus,
      ' under spec.annotations',
    );
    yield* runtimeLists(runtime);
    const sidecars = runtime.containers.filter((container) => container !== head);
    for (const container of checked) yield* containerReports(container, names, advice);
    yield* uncounted(sidecars, names, 'a sidecar');
    yield* uncounted(worker.containers.slice(1), names, 'a further worker container');
    yield* uncounted([...runtime.initContainers, ...worker.initContainers], names, 'an init container');
    yield* otherVendor(checked, names);
  },
};

/** Without a model, kserve-container is the container that serves. */
function sidecarsOf({ model, containers }: ServiceView): readonly ContainerView[] {
  return model === null ? containers.filter(({ name }) => name !== HEAD_CONTAINER) : containers;
}

function* namesOf(containers: readonly ContainerView[]): Iterable<string> {
  for (const container of containers) yield* namesIn(container);
}

/** What KServe's validator sees of a container. */
function* containerReports(container: ContainerView, names: ResourceNames, advice: Advice): Iterable<Report> {
  for (const name of namesIn(container)) {
    const entry = entryOf(container, name);
    if (entry === undefined) continue;
    const kind = names.kindOf(name);
    if (kind === 'unknown') yield unknownName(entry, name, advice);
    if (kind === 'gpu') yield* gpuCounts(container, name);
    if (kind === 'network' && !names.isListed(name)) yield unlistedNetwork(entry, name, advice);
  }
}

/**
 * Checks the merged container: GPUs may come from the runtime and the network from the service, or vice versa.
 * @param written types that KServe may write its count under, by the runtime's list as well
 */
function* networkAlone(
  { merged, own }: PodContainer,
  names: ResourceNames,
  written: readonly string[],
): Iterable<Report> {
  const networks: string[] = [];
  for (const name of namesIn(merged)) {
    const kind = names.kindOf(name);
    if (kind === 'network') networks.push(name);
    const isGpu = kind === 'gpu' || (kind === 'unknown' && written.includes(name));
    if (isGpu && isAsked(merged, name)) return;
  }
  for (const name of networks) {
    const entry = entryOf(own, name);
    const field = (entry ?? entryOf(merged, name))?.field;
    if (field === undefined) continue;
    yield {
      severity: 'deny',
      field,
      ...(entry === undefined && { owner: 'runtime' as const }),
      message: `${quote(name)} stands without a GPU request, so that KServe may take it for the GPU and write the count there`,
      fix: 'ask for GPUs in the same container, as in nvidia.com/gpu: "8"',
      short: `${quote(name)} stands without a GPU request: ask for GPUs in the same container`,
    };
  }
}

/** A count that can't be read is not 0, so it counts as a request. */
function isAsked({ requests, limits }: ContainerResources, name: string): boolean {
  return (requests.get(name) ?? limits.get(name))?.count !== 0;
}

/** Reports only the first GPU of another vendor. */
function otherVendor(checked: readonly ContainerView[], names: ResourceNames): readonly Report[] {
  for (const container of checked) {
    const name = otherGpu(container, names);
    const entry = name === null ? undefined : entryOf(container, name);
    if (name === null || entry === undefined || entry.count === 0) continue;
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

function otherGpu(container: ContainerView, names: ResourceNames): string | null {
  for (const name of namesIn(container))
    if (names.isGpu(name) && !name.startsWith('nvidia.com/')) return name;
  return null;
}
