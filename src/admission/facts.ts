/** Asks the cluster what a service's verdict depends on: its runtime, its claim, KServe's own settings. */
import type { Cluster, Later } from '../cluster/cluster.ts';
import { Unavailable } from '../cluster/cluster.ts';
import type { Config } from '../config/config.ts';
import { named, select, type RuntimeOutcome } from '../kserve/selection.ts';
import { claimName, isSubdomain } from '../kserve/storage.ts';
import type { ServiceView } from '../kserve/view.ts';
import type { ClaimOutcome } from '../kserve/claim.ts';
import type { KServeConfig, KServeFacts } from '../kserve/gpus.ts';
import { releaseInForce, type Installed, type ReleaseInForce } from '../kserve/installed.ts';
import type { Release } from '../kserve/releases.ts';

export interface Facts {
  readonly runtime: RuntimeOutcome;
  readonly claim: ClaimOutcome;
  readonly kserve: KServeFacts;
}

/** Do the two services have the same values wherever the runtime lookup, the claim or the plan depends on them? */
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
  const kserve = await kserveFacts(cluster, config);
  const [runtime, claim] = await Promise.all([
    lookUpRuntime(service, cluster, kserve.release),
    lookUpClaim(service, cluster),
  ]);
  return { runtime, claim, kserve };
}

/** KServe's facts, with the release and the GPU types that the platform states in our own configuration. */
export async function kserveFacts(cluster: Cluster, config: Config): Promise<KServeFacts> {
  const [kserve, { release }] = await Promise.all([cluster.kserve(), releaseFor(cluster, config)]);
  const { types } = config.gpus;
  const known = STATED.get(kserve);
  if (known !== undefined && known.types === types && known.facts.release === release) return known.facts;
  const customGpuTypes = types.length === 0 ? kserve.customGpuTypes : [...kserve.customGpuTypes, ...types];
  const facts = { ...kserve, release, customGpuTypes };
  STATED.set(kserve, { types, facts });
  return facts;
}

/** Cached, because nearly all reviews get the same. */
const STATED = new WeakMap<
  KServeConfig,
  { readonly types: Config['gpus']['types']; readonly facts: KServeFacts }
>();

/** The release that is planned for: the configuration's, else what the cluster has, else the default. */
export async function releaseFor(cluster: Cluster, config: Config): Promise<ReleaseInForce> {
  return releaseInForce(config.kserve.version, await installedFor(cluster, config));
}

function installedFor(cluster: Cluster, { kserve: { version } }: Config): Later<Installed> {
  return version === 'auto' || version === 'odh' ? cluster.installed() : NOT_ASKED;
}

const NOT_ASKED: Installed = { status: 'unread', why: 'the cluster was not asked' };

async function lookUpRuntime(
  service: ServiceView,
  cluster: Cluster,
  release: Release,
): Promise<RuntimeOutcome> {
  const { model } = service;
  if (model === null) return { status: 'no-model' };
  const name = model.runtimeName;
  // Without a workerSpec only the name matters: does it stand for a multi-node runtime?
  if (name === null && service.worker === null) return { status: 'none', candidates: [] };
  try {
    if (name === null) {
      const assumed = cluster.assumed();
      if (assumed !== null) return { status: 'found', how: 'assumed', runtime: assumed };
      const { inNamespace, inCluster } = await cluster.runtimes(service.namespace);
      return select(model, inNamespace, inCluster, release);
    }
    // A name that is no DNS-1123 subdomain exists nowhere, and must not enter an API path.
    const runtime = isSubdomain(name) ? await cluster.runtime(service.namespace, name) : null;
    const assumed = runtime === null ? cluster.assumed() : null;
    if (assumed !== null) return { status: 'found', how: 'assumed', runtime: assumed };
    return named(model, name, runtime, release);
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    return { status: 'unavailable', name, cause: error.message, notHeld: null };
  }
}

function lookUpClaim(service: ServiceView, cluster: Cluster): Later<ClaimOutcome> {
  const name = service.worker === null ? null : claimName(service.model?.storageUri);
  return name === null ? { status: 'none' } : cluster.claim(service.namespace, name);
}
