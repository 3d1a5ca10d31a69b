/**
 * One GPU type for the whole service.
 *
 * Reads: the GPU types that head and worker name in requests or limits after KServe's merge of service and
 * runtime, a zero included, and the type that KServe writes where one of them names none. Which names are GPU types, the
 * annotations serving.kserve.io/gpu-resource-types of service, predictor and runtime say as well.
 * Allowed: one type in each container, including the type that KServe writes beside a zero; the same type in head and
 * worker, if a worker pod is planned.
 * Why: KServe merges the service over the runtime key by key, so both types end up in the pod, and it counts
 * one of them, at random; head and workers of two types can't form one group.
 * Source: docs/kserve.md, The guide; docs/kserve.md, GPU types; kserve/kserve#4776.
 */
import type { RuntimeView } from '../kserve/runtime.ts';
import type { ServiceView } from '../kserve/view.ts';
import { GPU_RESOURCE_TYPES } from '../kserve/annotations.ts';
import { admittedGpuTypes, KNOWN_GPU_TYPES } from '../kserve/gpu-types.ts';
import { isSet } from '../kserve/gpus.ts';
import type { PodPlan } from '../kserve/plan.ts';
import { entryOf, runtimeContainers, type PodContainer } from '../kserve/merge.ts';
import type { Report, Rule } from './rule.ts';
import type { ServiceSubject } from './subject.ts';
import { gpuTest, namedTypes } from './support/named-types.ts';
import { property } from '../lib/json.ts';
import { quote, visible } from '../lib/text.ts';

export const rule: Rule = {
  id: 'gpu-type-mix',
  summary: 'Head and worker, service and runtime use one GPU type',
  needsPlan: true,
  checkService(subject) {
    const { plan, declaredPods: containers, runtime, service, kserve, settings } = subject;
    if (plan === null || containers === null || runtime.status !== 'found') return [];
    const isGpu = gpuTest(kserve, settings.notGpus);
    const sideOf = (container: PodContainer, pod: PodPlan): Side => ({
      container,
      plan: pod,
      types: namedTypes(container, pod, service, kserve).filter(isGpu),
    });
    const head = sideOf(containers.head, plan.head);
    const worker = sideOf(containers.worker, plan.worker);
    const sides = [head, worker];
    const within = sides.flatMap((side) => withinContainer(side, runtime.runtime));
    const isPair = within.length === 0 && plan.worker.replicas > 0;
    const found = isPair ? between(head, worker, runtime.runtime, subject, isGpu) : within;
    const isSilent = ({ container }: Side): boolean =>
      !found.some(({ field }) => field.startsWith(container.resourcesField));
    return [
      ...found,
      ...sides.filter(isSilent).flatMap((side) => besideOther(side, runtime.runtime, service)),
    ];
  },
  checkRuntime({ runtime, kserve }) {
    if (runtime.worker === null) return [];
    const known = new Set([...KNOWN_GPU_TYPES, ...kserve.customGpuTypes]);
    return withinRuntime(runtime, [...known]);
  },
};

/** What one of the two pods names, as its author wrote it, and what KServe makes of it. */
interface Side {
  readonly container: PodContainer;
  readonly plan: PodPlan;
  /** The GPU types that it names, zeros included. */
  readonly types: readonly string[];
}

function withinContainer({ container, plan, types }: Side, runtime: RuntimeView): readonly Report[] {
  if (types.length < 2) return [];
  const inherited = types.filter((type) => isInherited(container, type));
  const all = types.map((type) => named(container, type, runtime)).join(' and ');
  const effect =
    plan.request.possible.length > 1 ? 'counts one of them, at random' : 'sets the count of one of them only';
  const [first] = inherited;
  const own = types.filter((type) => !inherited.includes(type));
  const fix =
    first === undefined
      ? 'keep one type and take the others out of requests and limits; a 0 does not take one away'
      : own.length === 0
        ? oneTypeInRuntime(runtime)
        : `ask for ${visible(first)} in head and worker in place of ${own.map(visible).join(' and ')}, or name a runtime without GPU requests`;
  return [
    {
      severity: 'deny',
      field: lastOwnField(container, types),
      message: `the ${container.role} names ${all}; KServe puts them all into the pod and ${effect}`,
      fix,
      short: `the ${container.role} names several GPU types: keep one, in service and runtime`,
    },
  ];
}

/** KServe writes its default type beside a 0, which it treats as unset, and beside a type that the pod's list lacks. */
function besideOther(
  { container, plan, types }: Side,
  runtime: RuntimeView,
  service: ServiceView,
): readonly Report[] {
  const [type, second] = types;
  if (type === undefined || second !== undefined || type === plan.type) return [];
  const isZero = (entryOf(container.merged, type)?.count ?? 0) === 0;
  const fix = !isZero
    ? listIn(service, type)
    : isInherited(container, type)
      ? `have ${visible(type)} taken out of the ${runtime.kind} ${quote(runtime.name)}, or name another runtime`
      : `take ${visible(type)} out of requests and limits`;
  const found = `the ${container.role} names ${named(container, type, runtime)}${isZero ? ' with a count of 0' : ''}`;
  return [
    {
      severity: 'deny',
      field: lastOwnField(container, [type]),
      message: `${found}, beside which KServe writes ${visible(plan.type)}: two types in one pod`,
      fix,
      short: `${found}, beside which KServe writes ${visible(plan.type)}: ${fix}`,
    },
  ];
}

/** The annotation of the predictor hides that of the service, and both hide those of the runtime. */
function listIn({ podAnnotations }: ServiceView, type: string): string {
  const owner = property(podAnnotations, GPU_RESOURCE_TYPES) === undefined ? 'service' : 'predictor';
  return `list ${visible(type)} in the annotation ${GPU_RESOURCE_TYPES} of the ${owner}`;
}

function between(
  head: Side,
  worker: Side,
  runtime: RuntimeView,
  { service, kserve }: ServiceSubject,
  isGpu: (type: string) => boolean,
): readonly Report[] {
  if (head.plan.type === worker.plan.type) return [];
  if (!isGpu(head.plan.type) || !isGpu(worker.plan.type)) return [];
  for (const [silent, other] of [
    [worker, head],
    [head, worker],
  ] as const) {
    // A pod without a count gets KServe's default.
    if (isSet(silent.container.merged, silent.plan.type)) continue;
    return isSet(silent.container.merged, other.plan.type)
      ? [unlisted(silent, other, runtime, service)]
      : [defaulted(silent, other, head.plan.gpus)];
  }
  const sides = [worker, head].filter(({ container, plan }) => !isInherited(container, plan.type));
  const { container, plan } = sides[0] ?? worker;
  const other = plan === worker.plan ? head.plan.type : worker.plan.type;
  // A service can't ask for a type that the runtime alone lists, and cpu is none.
  const admitted = admittedGpuTypes(service, kserve);
  const foreign = [head, worker].find((side) => !admitted.includes(side.plan.type));
  return [
    {
      severity: 'deny',
      field: lastOwnField(container, [plan.type]),
      message:
        `the head asks for ${named(head.container, head.plan.type, runtime)}, ` +
        `the worker for ${named(worker.container, worker.plan.type, runtime)}; ` +
        "GPUs of two types can't form one group",
      fix:
        sides.length === 0
          ? oneTypeInRuntime(runtime)
          : foreign === undefined
            ? `ask for one type in both, such as ${visible(other)}`
            : writeInto(foreign.container, plan.type, foreign.plan.gpus),
      short: `head ${visible(head.plan.type)}, worker ${visible(worker.plan.type)}: ask for one GPU type in both`,
    },
  ];
}

/** @param count what the head gets: the other pods can have as many, so that all are alike */
function defaulted(silent: Side, other: Side, count: number): Report {
  const { container, plan } = silent;
  const type = visible(other.plan.type);
  return {
    severity: 'deny',
    field: container.resourcesField,
    message:
      `the ${other.container.role} asks for ${type} and the ${container.role} gives no GPU count, ` +
      `where KServe writes ${visible(plan.type)}: two types`,
    fix: writeInto(container, other.plan.type, count),
    short: `the ${container.role} gives no GPU count and would get ${visible(plan.type)}: write ${type} there`,
  };
}

function writeInto({ resourcesField }: PodContainer, type: string, count: number): string {
  return `write ${visible(type)}: "${count}" into requests and limits of ${resourcesField}`;
}

/** Both pods ask for the same type, which the runtime lists for one of them only. */
function unlisted(silent: Side, other: Side, runtime: RuntimeView, service: ServiceView): Report {
  const { container, plan } = silent;
  const { type } = other.plan;
  const found = `the ${container.role} asks for ${named(container, type, runtime)}, which the runtime lists for the ${other.container.role} only: KServe writes ${visible(plan.type)} beside it`;
  return {
    severity: 'deny',
    field: lastOwnField(container, [type]),
    message: `${found}, two types in one pod`,
    fix: listIn(service, type),
    short: found,
  };
}

function withinRuntime(runtime: RuntimeView, known: readonly string[]): readonly Report[] {
  const reports: Report[] = [];
  const { head, worker } = runtimeContainers(runtime);
  const typesOf = ({ merged }: PodContainer): readonly string[] =>
    known.filter((type) => entryOf(merged, type) !== undefined);
  for (const container of [head, worker]) {
    const types = typesOf(container);
    if (types.length < 2) continue;
    reports.push({
      severity: 'deny',
      field: lastOwnField(container, types),
      message: `${container.role === 'head' ? 'kserve-container' : 'worker-container'} names ${types.map(visible).join(' and ')}; KServe counts one of them, at random`,
      fix: 'keep one type and take the others out of requests and limits; a 0 does not take one away',
      short: 'a container of the runtime names several GPU types: keep one',
    });
  }
  const [ofHead] = typesOf(head);
  const [ofWorker] = typesOf(worker);
  if (reports.length > 0 || ofHead === undefined || ofWorker === undefined || ofHead === ofWorker) {
    return reports;
  }
  return [
    {
      severity: 'deny',
      field: lastOwnField(worker, [ofWorker]),
      message: `kserve-container names ${visible(ofHead)}, worker-container ${visible(ofWorker)}; GPUs of two types can't form one group`,
      fix: 'name one type in both, or leave the GPUs to the services',
      short: `kserve-container names ${visible(ofHead)}, worker-container ${visible(ofWorker)}: name one GPU type in both`,
    },
  ];
}

/** The service can't take away what its runtime names. */
function oneTypeInRuntime({ kind, name }: RuntimeView): string {
  return `have all types but one taken out of the ${kind} ${quote(name)}, or name another runtime`;
}

function isInherited({ own, merged }: PodContainer, type: string): boolean {
  return entryOf(own, type) === undefined && entryOf(merged, type) !== undefined;
}

function named(container: PodContainer, type: string, { kind, name }: RuntimeView): string {
  return isInherited(container, type) ? `${visible(type)} (from the ${kind} ${quote(name)})` : visible(type);
}

/** @returns the field of the last type that the service names; if it names none, its `resources` */
function lastOwnField({ own, resourcesField }: PodContainer, types: readonly string[]): string {
  const fields = types.map((type) => entryOf(own, type)?.field).filter((field) => field !== undefined);
  return fields.at(-1) ?? resourcesField;
}
