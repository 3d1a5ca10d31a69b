/**
 * Flags of vLLM whose value is no number: what Kubernetes and the shell make of it. In an argument Kubernetes expands
 * $(VAR) and leaves it as it stands where the container has no such env; $$ is an escaped $. Only a shell expands $VAR and
 * ${VAR} (Kubernetes, "Define a Command and Arguments for a Container"). For vllm-args.
 */
import type { KServeFacts } from '../../kserve/gpus.ts';
import { serviceWorkerContainer } from '../../kserve/merge.ts';
import type { Plan } from '../../kserve/plan.ts';
import { has } from '../../kserve/releases.ts';
import type { RuntimeOutcome } from '../../kserve/selection.ts';
import type { ServiceView } from '../../kserve/view.ts';
import { headReserved, headWiring, workerReserved, workerWiring } from '../../kserve/wiring.ts';
import { quote } from '../../lib/text.ts';
import { LONGEST_TEXT, type StatedFlag } from '../../vllm/flags.ts';

/** The env of a container, as far as it is known. */
export interface Variables {
  /** A value is null where it is not known. */
  readonly values: ReadonlyMap<string, string | null>;
  /** May the container have other env as well, such as that of an envFrom? */
  readonly hasOthers: boolean;
}

/** A service, and what KServe makes of it. */
interface Deployed {
  readonly service: ServiceView;
  readonly runtime: RuntimeOutcome;
  readonly plan: Plan | null;
  readonly kserve: KServeFacts;
}

/**
 * The env of the head or of a worker as KServe makes it: what it sets itself wins over what stands in the containers.
 * @param sizes the parallel sizes that KServe plans for
 */
export function variablesFor(
  role: 'head' | 'worker',
  { service, runtime, plan, kserve: { release } }: Deployed,
  sizes: Readonly<Record<'tensorParallelSize' | 'pipelineParallelSize', number | null>>,
): Variables {
  const found = runtime.status === 'found' ? runtime.runtime : null;
  const isHead = role === 'head';
  const containers = isHead
    ? [found?.head, service.model]
    : [found?.worker?.container, serviceWorkerContainer(service)];
  const values = new Map<string, string | null>();
  for (const { name, value, hasValueFrom } of containers.flatMap((container) => container?.env ?? [])) {
    values.set(name, hasValueFrom || value?.includes('$') === true ? null : value);
  }
  const wired = isHead ? headWiring(service, plan) : workerWiring(service, plan, '', release);
  for (const name of isHead ? headReserved(release) : workerReserved(release)) {
    values.set(name, wired.get(name) ?? null);
  }
  // Older releases have none in the worker, but Red Hat's fork of them may.
  const hasSizes = isHead || has(release, 'sizesInWorkerEnv');
  values.set('TENSOR_PARALLEL_SIZE', hasSizes ? written(sizes.tensorParallelSize) : null);
  values.set('PIPELINE_PARALLEL_SIZE', hasSizes ? written(sizes.pipelineParallelSize) : null);
  const isUnknown = runtime.status !== 'found' || runtime.how === 'assumed';
  return { values, hasOthers: isUnknown || containers.some((container) => container?.envFrom) };
}

function written(size: number | null): string | null {
  return size === null ? null : String(size);
}

const EXPANDED = /^\$\(([\w.-]+)\)$/;
const ESCAPED = /^\$\$\([\w.-]+\)$/;
const OF_SHELL = /^\$(?:\{(\w+)(?::?[-=+?].*)?\}|(\w+))$/;

/** @returns the number that a flag with a variable gets; null where it is not known, or none */
export function numberBehind({ text, inScript }: StatedFlag, { values }: Variables): number | null {
  const [, ...names] = (inScript ? OF_SHELL : EXPANDED).exec(text ?? '') ?? [];
  const value = values.get(names.find((name) => name !== undefined) ?? '') ?? '';
  return /^\d{1,15}$/.test(value) ? Number(value) : null;
}

/** Why vLLM does not get what is meant. */
export interface Unusable {
  /** Behind the flag and its value. */
  readonly why: string;
  /** The variable that is meant, where it can be told. */
  readonly meant: string | null;
}

/** @returns null where the value may be a right one */
export function unusable(flag: StatedFlag, { values, hasOthers }: Variables): Unusable | null {
  const { text, sure, inScript, kind } = flag;
  if (!sure || inScript) return null;
  if (text === null || text === '')
    return { why: 'has no value, so that vLLM ends with an error', meant: null };
  if (text.length >= LONGEST_TEXT || text.includes('{{')) return null;
  const [, expanded] = EXPANDED.exec(text) ?? [];
  if (expanded !== undefined) {
    if (values.has(expanded) || hasOthers) return null;
    const why = `reaches vLLM as it stands: Kubernetes finds no env ${quote(expanded)} in the container`;
    return { why, meant: null };
  }
  if (ESCAPED.test(text)) {
    return {
      why: `reaches vLLM as ${text.slice(1)}: Kubernetes takes $$ for an escaped $`,
      meant: text.slice(1),
    };
  }
  const [shell, braced, bare] = OF_SHELL.exec(text) ?? [];
  if (shell !== undefined) {
    const why =
      'reaches vLLM as it stands: no shell expands it, and in arguments Kubernetes expands $(VAR) only';
    const name = braced ?? bare ?? '';
    return { why, meant: hasOthers || values.has(name) ? `$(${name})` : null };
  }
  if (kind === 'backend' || text.includes('$')) return null;
  return { why: 'is no whole number, so that vLLM ends with an error', meant: null };
}
