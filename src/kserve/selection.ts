/**
 * Which runtime KServe would take for a service: the named one, or the first of the supporting ones in
 * KServe's order (docs/kserve.md, Runtime lookup).
 */
import type { NotHeld, RuntimeView } from './runtime.ts';
import type { ModelView } from './model.ts';
import { has, type Release } from './releases.ts';

/** Why KServe would not take a runtime. */
export type Unsuitable =
  'disabled' | 'multi-model' | 'format' | 'protocol' | 'not-auto-select' | 'no-worker-spec';

export type RuntimeOutcome =
  /** `named` by the service, `auto`-selected by KServe, or `assumed` where nothing is known (no catalogue). */
  | { readonly status: 'found'; readonly how: 'named' | 'auto' | 'assumed'; readonly runtime: RuntimeView }
  | { readonly status: 'unsuitable'; readonly runtime: RuntimeView; readonly reason: Unsuitable }
  | { readonly status: 'missing'; readonly name: string }
  | {
      readonly status: 'none';
      readonly candidates: readonly { readonly runtime: RuntimeView; readonly reason: Unsuitable }[];
    }
  /** The runtimes could not be read; `cause` is one line. Trying again helps where `notHeld` is null. */
  | {
      readonly status: 'unavailable';
      readonly name: string | null;
      readonly cause: string;
      readonly notHeld: NotHeld | null;
    }
  /** The service has no model, so KServe looks up no runtime. */
  | { readonly status: 'no-model' };

/** KServe's order of protocols; one that is not stated, or unknown, sorts last. */
const PROTOCOL_ORDER = ['v1', 'v2', 'grpc-v1', 'grpc-v2'];
/** What KServe looks for where a service without a runtime name states no protocol. */
const DEFAULT_PROTOCOL = 'v1';

/**
 * @param model the service's model
 * @param runtime the ServingRuntime of the service's namespace or, failing that, the ClusterServingRuntime
 *   of the name; null when neither exists
 */
export function named(
  model: ModelView,
  name: string,
  runtime: RuntimeView | null,
  release: Release,
): RuntimeOutcome {
  if (runtime === null) return { status: 'missing', name };
  if (runtime.notHeld !== null) return notHeld(name, runtime.notHeld);
  const reason = unsuitable(model, runtime, statedProtocol(model, release), false);
  return reason === null
    ? { status: 'found', how: 'named', runtime }
    : { status: 'unsuitable', runtime, reason };
}

/**
 * @param inNamespace the ServingRuntimes of the service's namespace, in any order
 * @param inCluster the ClusterServingRuntimes, in any order
 * @returns the runtime that KServe selects, or every multi-node candidate with the reason against it. If a runtime is
 *   not held and KServe might select it, the choice is unknown
 */
export function select(
  model: ModelView,
  inNamespace: readonly RuntimeView[],
  inCluster: readonly RuntimeView[],
  release: Release,
): RuntimeOutcome {
  const protocol = statedProtocol(model, release) ?? DEFAULT_PROTOCOL;
  const candidates: { runtime: RuntimeView; reason: Unsuitable }[] = [];
  for (const runtimes of [inNamespace, inCluster]) {
    for (const { name, notHeld: why, worker, disabled } of runtimes) {
      if (why !== null && worker !== null && !disabled) return notHeld(name, why);
    }
    const suitable: RuntimeView[] = [];
    for (const runtime of runtimes) {
      const reason = unsuitable(model, runtime, protocol, true);
      if (reason === null) suitable.push(runtime);
      else if (reason !== 'no-worker-spec') candidates.push({ runtime, reason });
    }
    const [first] = inOrder(suitable, model.format ?? '');
    if (first !== undefined) return { status: 'found', how: 'auto', runtime: first };
  }
  return { status: 'none', candidates };
}

/** KServe's defaulter writes v2 beside some formats (docs/kserve.md, What KServe's webhooks change). */
function statedProtocol({ protocol, format }: ModelView, release: Release): string | null {
  return protocol ?? (format === 'vLLM' && has(release, 'vllmMeansV2') ? 'v2' : null);
}

function notHeld(name: string, why: NotHeld): RuntimeOutcome {
  return why === 'too-large'
    ? { status: 'unavailable', name, cause: 'it is too large', notHeld: why }
    : { status: 'unavailable', name: null, cause: 'this namespace has too many', notHeld: why };
}

function unsuitable(
  model: ModelView,
  runtime: RuntimeView,
  protocol: string | null,
  automatic: boolean,
): Unsuitable | null {
  if (automatic && runtime.worker === null) return 'no-worker-spec';
  if (runtime.disabled) return 'disabled';
  if (automatic && runtime.multiModel) return 'multi-model';
  if (protocol && runtime.protocols.length > 0 && !runtime.protocols.includes(protocol)) return 'protocol';
  const supported = runtime.formats.filter(
    (format) =>
      format.name === model.format &&
      (model.formatVersion === null || format.version === model.formatVersion),
  );
  if (supported.length === 0) return 'format';
  return automatic && !supported.some((format) => format.autoSelect) ? 'not-auto-select' : null;
}

/** By protocol, newest first, then name; then, keeping that order, by the format's priority, unset last. */
function inOrder(runtimes: readonly RuntimeView[], format: string): readonly RuntimeView[] {
  return runtimes
    .toSorted(
      (a, b) =>
        protocolRank(a) - protocolRank(b) || compareText(b.created, a.created) || compareText(a.name, b.name),
    )
    .toSorted((a, b) => priority(b, format) - priority(a, format));
}

function protocolRank(runtime: RuntimeView): number {
  const ranks = runtime.protocols
    .map((protocol) => PROTOCOL_ORDER.indexOf(protocol))
    .filter((rank) => rank >= 0);
  return ranks.length === 0 ? PROTOCOL_ORDER.length : Math.min(...ranks);
}

/** KServe's GetPriority reads the first entry of the format's name; priorities are positive. */
function priority(runtime: RuntimeView, format: string): number {
  return runtime.formats.find((entry) => entry.name === format)?.priority ?? Number.NEGATIVE_INFINITY;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
