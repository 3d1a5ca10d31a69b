/** Literal fakes and a small model of the API server around the webhook, for the tests of the pipeline. */
import { applyPatch, type Operation } from 'rfc6902';
import { LAST_APPLIED } from '../../src/kserve/annotations.ts';
import { admit } from '../../src/admission/admit.ts';
import type { AdmissionRequest, Decision, Phase } from '../../src/admission/decision.ts';
import type { Cluster } from '../../src/cluster/cluster.ts';
import { DEFAULTS, type Config } from '../../src/config/config.ts';
import { readRuntime } from '../../src/kserve/runtime.ts';
import { equalJson } from '../../src/lib/json.ts';
import { minimalRuntime, type Loose } from '../rules/cases.ts';

/** A cluster that holds these runtimes and answers every other question with the expected case. */
export function clusterOf(
  runtimes: readonly Loose[] = [minimalRuntime()],
  overrides: Partial<Cluster> = {},
): Cluster {
  const views = runtimes.map((runtime) => readRuntime(runtime));
  const kserve = { customGpuTypes: [], defaultDeploymentMode: null };
  return {
    kserve: () => kserve,
    installed: () => ({ status: 'unread', why: 'nobody knows' }),
    runtime: (namespace, name) =>
      views.find((view) => view.name === name && view.namespace === namespace) ??
      views.find((view) => view.name === name && view.namespace === null) ??
      null,
    runtimes: (namespace) => ({
      inNamespace: views.filter((view) => view.namespace === namespace),
      inCluster: views.filter((view) => view.namespace === null),
    }),
    assumed: () => null,
    claim: (_namespace, name) => ({ status: 'found', name, accessModes: ['ReadWriteMany'], phase: 'Bound' }),
    namespaceLabels: () => new Map(),
    services: async function* () {},
    fresh: () => null,
    ...overrides,
  };
}

export function requestFor(object: Loose, oldObject: Loose = null): AdmissionRequest {
  const kind = typeof object?.kind === 'string' ? object.kind : 'InferenceService';
  return {
    uid: '53745271-c280-4151-9d12-28fe17d7bd77',
    operation: oldObject === null ? 'CREATE' : 'UPDATE',
    kind: { group: 'serving.kserve.io', version: 'v1beta1', kind },
    subResource: '',
    name: object?.metadata?.name ?? '',
    namespace: object?.metadata?.namespace ?? 'team',
    object,
    oldObject,
    dryRun: false,
  };
}

export function configOf(overrides: Partial<Config> = {}): Config {
  return { ...DEFAULTS, ...overrides };
}

/** Applies a patch with a library that is not ours; fails on any operation that does not apply. */
export function patched(object: Loose, patch: readonly Operation[]): Loose {
  // Not structuredClone: under Jest its lists belong to another realm, and rfc6902 takes them for objects.
  const copy = JSON.parse(JSON.stringify(object));
  const problems = applyPatch(copy, JSON.parse(JSON.stringify(patch)) as Operation[]).filter(
    (problem) => problem !== null,
  );
  if (problems.length > 0) throw new Error(`the patch does not apply: ${String(problems[0])}`);
  return copy;
}

/** What the API server does with one write, as far as the webhook can see it. */
export class ApiServer {
  stored: Loose = null;
  readonly cluster: Cluster;
  readonly config: Config;

  constructor(cluster: Cluster = clusterOf(), config: Config = DEFAULTS) {
    this.cluster = cluster;
    this.config = config;
  }

  async ask(phase: Phase, object: Loose): Promise<Decision> {
    return admit(phase, requestFor(object, this.stored), this.cluster, this.config);
  }

  /** Mutates, numbers the generation, validates, stores. Returns the mutating and the validating decision. */
  async write(object: Loose): Promise<{ mutate: Decision; validate: Decision | null }> {
    const old = this.stored;
    const incoming = structuredClone(object);
    if (old !== null) incoming.metadata.generation = old.metadata.generation;
    const mutate = await this.ask('mutate', incoming);
    if (mutate.outcome !== 'allow') return { mutate, validate: null };
    const next = patched(incoming, mutate.patch);
    next.metadata.generation =
      old === null ? 1 : old.metadata.generation + (equalJson(next.spec, old.spec) ? 0 : 1);
    const validate = await this.ask('validate', next);
    if (validate.outcome === 'allow') this.stored = next;
    return { mutate, validate };
  }

  /** Client-side apply as kubectl does it. */
  async apply(manifest: Loose): Promise<{ mutate: Decision; validate: Decision | null }> {
    return this.write(clientSideApply(this.stored, manifest));
  }
}

/**
 * kubectl's client-side apply of a custom resource: a three-way JSON merge patch of the last applied, the
 * live and the new manifest. Lists are replaced as a whole.
 */
export function clientSideApply(live: Loose, manifest: Loose): Loose {
  const annotated = structuredClone(manifest);
  annotated.metadata.annotations = {
    ...annotated.metadata.annotations,
    [LAST_APPLIED]: JSON.stringify(manifest),
  };
  if (live === null) return annotated;
  const original = JSON.parse(live.metadata.annotations[LAST_APPLIED] ?? '{}');
  return merge(structuredClone(live), original, annotated);
}

function merge(live: Loose, original: Loose, modified: Loose): Loose {
  for (const key of Object.keys(original)) if (!(key in modified)) delete live[key];
  for (const [key, value] of Object.entries(modified)) {
    live[key] =
      isMap(value) && isMap(live[key])
        ? merge(live[key], isMap(original[key]) ? original[key] : {}, value)
        : value;
  }
  return live;
}

function isMap(value: unknown): value is Loose {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
