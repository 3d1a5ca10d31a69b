/** Asks the cluster what a service's verdict depends on: its runtime, its claim, KServe's own settings. */
import type { Cluster } from '../cluster/cluster.ts';
import { Unavailable } from '../cluster/cluster.ts';
import type { Config } from '../config/config.ts';
import { named, select, type RuntimeOutcome } from '../kserve/selection.ts';
import { claimName, isSubdomain } from '../kserve/storage.ts';
import type { ServiceView } from '../kserve/view.ts';
import type { ClaimOutcome } from '../kserve/claim.ts';
import type { KServeFacts } from '../kserve/gpus.ts';

export interface Facts {
  readonly runtime: RuntimeOutcome;
  readonly claim: ClaimOutcome;
  readonly kserve: KServeFacts;
}

/** Do runtime lookup, claim and plan of the two depend on the same values? */
function sameQuestions(a: ServiceView, b: ServiceView): boolean {
  if (a.namespace !== b.namespace || (a.worker === null) !== (b.worker === null)) return false;
  return (
    a.model?.runtimeName === b.model?.runtimeName &&
    a.model?.format === b.model?.format &&
    a.model?.formatVersion === b.model?.formatVersion &&
    a.model?.protocol === b.model?.protocol &&
    a.model?.storageUri === b.model?.storageUri
  );
}

/** @returns the facts of the stored service: those of the new one where they depend on the same fields. */
export async function previousFacts(
  previous: ServiceView,
  current: ServiceView,
  facts: Facts,
  cluster: Cluster,
  config: Config,
): Promise<Facts> {
  return sameQuestions(previous, current) ? facts : gatherFacts(previous, cluster, config);
}

/** Never throws for a cluster that can't be read: the outcome says so. */
export async function gatherFacts(service: ServiceView, cluster: Cluster, config: Config): Promise<Facts> {
  const [runtime, claim, kserve] = await Promise.all([
    lookUpRuntime(service, cluster),
    lookUpClaim(service, cluster),
    kserveFacts(cluster, config),
  ]);
  return { runtime, claim, kserve };
}

/** KServe's facts, with the GPU types that the platform declares in our own configuration. */
export async function kserveFacts(cluster: Cluster, config: Config): Promise<KServeFacts> {
  const kserve = await cluster.kserve();
  return config.gpus.types.length === 0
    ? kserve
    : { ...kserve, customGpuTypes: [...kserve.customGpuTypes, ...config.gpus.types] };
}

async function lookUpRuntime(service: ServiceView, cluster: Cluster): Promise<RuntimeOutcome> {
  const { model } = service;
  if (model === null) return { status: 'no-model' };
  const name = model.runtimeName;
  // Without a workerSpec only the name matters: does it stand for a multi-node runtime?
  if (name === null && service.worker === null) return { status: 'none', candidates: [] };
  try {
    if (name === null) {
      const { inNamespace, inCluster } = await cluster.runtimes(service.namespace);
      return select(model, inNamespace, inCluster);
    }
    // A name that is no DNS-1123 subdomain exists nowhere, and must not enter an API path.
    const runtime = isSubdomain(name) ? await cluster.runtime(service.namespace, name) : null;
    const assumed = runtime === null ? cluster.assumed() : null;
    if (assumed !== null) return { status: 'found', how: 'assumed', runtime: assumed };
    return named(model, name, runtime);
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    return { status: 'unavailable', name, cause: error.message, tooLarge: false };
  }
}

async function lookUpClaim(service: ServiceView, cluster: Cluster): Promise<ClaimOutcome> {
  const name = service.worker === null ? null : claimName(service.model?.storageUri);
  return name === null ? { status: 'none' } : cluster.claim(service.namespace, name);
}
