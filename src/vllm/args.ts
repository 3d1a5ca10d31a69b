/**
 * What the command line of vLLM says about sizes. Flags win over the env that KServe sets, so a number
 * there is what runs. Read from `command` and `args` as they come, shell scripts included; a value that
 * is no number (most of all a shell variable) says nothing.
 */
import type { ContainerView } from '../kserve/container.ts';
import { serviceWorkerContainer } from '../kserve/merge.ts';
import type { Sizes } from '../kserve/plan.ts';
import type { RuntimeView } from '../kserve/runtime.ts';
import type { ServiceView } from '../kserve/view.ts';
import { DATA_PARALLEL, type FlagKind, type StatedFlag } from './flags.ts';
import { flagsIn } from './words.ts';
import { oncePer } from '../lib/once.ts';

export type { StatedFlag } from './flags.ts';

/** A flag with a number. */
export interface StatedSize extends StatedFlag {
  readonly value: number;
}

export interface StatedSizes {
  /** The last occurrence that certainly runs and the last one that may run, if they have a number. */
  readonly tensorParallelSize: readonly StatedSize[];
  readonly pipelineParallelSize: readonly StatedSize[];
  /** Sizes and back ends whose value is missing, or another thing than a number or a name: mostly a variable. */
  readonly others: readonly StatedFlag[];
  /** How many engines vLLM surely starts, each of tensor times pipeline parallel size; null where it is not said. */
  readonly dataParallelSize: StatedSize | null;
  /** Flags that make vLLM start another number of processes than tensor times pipeline parallel size. */
  readonly worldSize: readonly StatedFlag[];
  /** The executor back end that vLLM is told to use, lower case; null where it is not told. */
  readonly backend: { readonly field: string; readonly name: string } | null;
  /** Are experts kept whole, each on one of the GPUs? */
  readonly expertParallel: boolean;
}

/** Of an option given twice the last one counts, as with Python's argparse. */
function statedSizes(flags: readonly StatedFlag[]): StatedSizes {
  const ranks = flags.some(({ kind }) => kind === 'data-parallel');
  return {
    tensorParallelSize: counting(flags, 'tensor'),
    pipelineParallelSize: counting(flags, 'pipeline'),
    others: flags.filter(isOther),
    dataParallelSize: ranks ? null : (withNumbers(flags).find(isDataParallel) ?? null),
    worldSize: flags.filter(
      ({ kind, value }) =>
        kind === 'data-parallel' ||
        ((kind === 'factor' || kind === 'nodes') && value !== null && value !== 1),
    ),
    backend: backendIn(flags),
    expertParallel: flags.some(({ kind }) => kind === 'expert-parallel'),
  };
}

/** The flag that surely runs counts, else one that may run. */
function backendIn(flags: readonly StatedFlag[]): StatedSizes['backend'] {
  const named = flags.filter(({ kind, text }) => kind === 'backend' && text !== null);
  const flag = named.find(({ sure }) => sure) ?? named[0];
  if (flag !== undefined) return { field: flag.field, name: flag.text?.toLowerCase() ?? '' };
  const old = flags.find(({ kind }) => kind === 'old-backend');
  return old === undefined ? null : { field: old.field, name: RAY };
}

export const RAY = 'ray';

const NAME = /^\w+$/;

function isOther({ kind, text, value }: StatedFlag): boolean {
  if (kind === 'backend') return text === null || !NAME.test(text);
  return (kind === 'tensor' || kind === 'pipeline') && value === null;
}

function isDataParallel({ option, sure }: StatedFlag): boolean {
  return sure && option === DATA_PARALLEL;
}

/** What a runtime states by itself: the same for every service without args of its own. */
const statedAlone = oncePer(({ command, args }: ContainerView) => statedSizes(flagsIn(command, args)));
/** What a service says beside its runtime: the mutation and several rules ask for it. */
const OF_SERVICE = new WeakMap<
  ContainerView,
  { readonly runtime: ContainerView | null; readonly stated: StatedSizes }
>();
const NOTHING_STATED = statedSizes([]);

/**
 * What a pod of the service says: KServe puts the service's args behind the runtime's, while a command of
 * the service replaces the runtime's (KServe, MergeRuntimeContainers).
 */
export function statedBy(runtime: ContainerView | null, service: ContainerView | null): StatedSizes {
  const own = service?.command ?? [];
  const args = service?.args ?? [];
  if (service !== null && (runtime === null || own.length > 0 || args.length > 0)) {
    const asked = OF_SERVICE.get(service);
    if (asked !== undefined && asked.runtime === runtime) return asked.stated;
    const stated = statedSizes(
      flagsIn(own.length > 0 ? own : (runtime?.command ?? []), [...(runtime?.args ?? []), ...args]),
    );
    OF_SERVICE.set(service, { runtime, stated });
    return stated;
  }
  return runtime === null ? NOTHING_STATED : statedAlone(runtime);
}

/**
 * Do the args of head and worker state these sizes? Then case 2 is left alone (docs/plan.md, Case 2 of the guide):
 * an author who states the sizes for vLLM means them.
 * @returns true if the args state at least one tensor or pipeline parallel size as a number, and all stated sizes equal
 *   `sizes`. If some args are too long to be read, they may state a size, so none needs to be found
 */
export function argsStateSizes(service: ServiceView, runtime: RuntimeView, sizes: Sizes): boolean {
  const stated = [
    statedBy(runtime.head, service.model),
    statedBy(runtime.worker?.container ?? null, serviceWorkerContainer(service)),
  ];
  const tensor = stated.flatMap((of) => surest(of.tensorParallelSize));
  const pipeline = stated.flatMap((of) => surest(of.pipelineParallelSize));
  return (
    (runtime.unread || tensor.length + pipeline.length > 0) &&
    tensor.every(({ value }) => value === sizes.tensorParallelSize) &&
    pipeline.every(({ value }) => value === sizes.pipelineParallelSize)
  );
}

function counting(flags: readonly StatedFlag[], kind: FlagKind): readonly StatedSize[] {
  return withNumbers(flags).filter((flag) => flag.kind === kind);
}

function withNumbers(flags: readonly StatedFlag[]): readonly StatedSize[] {
  return flags.flatMap((flag) => (flag.value === null ? [] : { ...flag, value: flag.value }));
}

/** Occurrences that may not run count only if none certainly runs. */
function surest(sizes: readonly StatedSize[]): readonly StatedSize[] {
  const sure = sizes.filter((size) => size.sure);
  return sure.length > 0 ? sure : sizes;
}
