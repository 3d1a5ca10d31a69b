/**
 * One GPU type for the whole service.
 *
 * Reads: the GPU types that head and worker name in requests or limits after KServe's merge of service and
 * runtime, a zero included, and the type that KServe writes where one of them names none.
 * Allowed: one type everywhere; several where no worker pod is planned and KServe plans the same with each.
 * Why: KServe merges the service over the runtime key by key, so both types end up in the pod, and it counts
 * one of them, at random; head and workers of two types can't form one group.
 * Source: the guide ("Do not use 2 different GPU types for multi node serving"); KServe, utils
 * GetGPUResourceQtyByType; kserve/kserve#4776.
 */
import type { ContainerView } from '../isvc/container.ts';
import type { RuntimeView } from '../isvc/runtime.ts';
import { DEFAULT_GPU_TYPE, gpuTypes, isNeverGpu } from '../topology/gpus.ts';
import type { PodPlan } from '../topology/plan.ts';
import { entryOf, podContainers, type PodContainer } from '../topology/pods.ts';
import type { Report, Rule, ServiceSubject } from './rule.ts';
import { quote, visible } from './text.ts';

export const rule: Rule = {
  id: 'gpu-type-mix',
  summary: 'Head and worker, service and runtime use one GPU type',
  checkService(subject) {
    const { plan, declared } = subject;
    if (plan === null || subject.runtime.status !== 'found') return [];
    const runtime = subject.runtime.runtime;
    // What headcount copied from the runtime is not the author's: the author's own object says who named what.
    const containers = podContainers(declared, runtime);
    const isGpu = gpuTest(subject);
    const head: Side = { container: containers.head, plan: plan.head };
    const worker: Side = { container: containers.worker, plan: plan.worker };
    const within = plan.mixMatters
      ? [...withinContainer(head, runtime, isGpu), ...withinContainer(worker, runtime, isGpu)]
      : [];
    if (within.length > 0 || plan.worker.replicas === 0) return within;
    return between(head, worker, runtime, isGpu);
  },
  checkRuntime({ runtime, kserve }) {
    if (runtime.worker === null) return [];
    const known = new Set(['', ...gpuTypes(NO_SERVICE, kserve).counted]);
    return mixInRuntime(runtime.head, runtime.worker.container, (type) => known.has(type));
  },
};

const NO_SERVICE = { annotations: {} };

interface Side {
  readonly container: PodContainer;
  readonly plan: PodPlan;
}

/**
 * A name of the configuration's list is no GPU type, whatever the annotation says; but what KServe's ConfigMap
 * makes it count, it counts.
 */
function gpuTest({ service, kserve, settings }: ServiceSubject): (type: string) => boolean {
  const { counted } = gpuTypes(service, kserve);
  return (type) => counted.includes(type) || !isNeverGpu(type, settings.notGpus);
}
