/** One trial: headcount judges a random world, and KServe's own packages say what becomes of the same service. */
import { assess } from '../../src/admission/assess-as-enforced.ts';
import type { Assessment } from '../../src/admission/assess.ts';
import { BUILTIN_RUNTIME } from '../../src/cluster/builtin-runtime.ts';
import { catalogueOf } from '../../src/cluster/catalogue.ts';
import type { Cluster } from '../../src/cluster/cluster.ts';
import { DEFAULTS, type Config } from '../../src/config/config.ts';
import { RELEASE_NAMES } from '../../src/kserve/releases.ts';
import type { Loose } from '../rules/cases.ts';
import { differences, failureOf, newImage } from './agreement.ts';
import type { Judge } from './judge.ts';
import { listedTypes, SHORTHANDS } from './twists/world.ts';
import type { TwistedWorld, World } from './worlds.ts';

export type Trial =
  /** `alone`: what happens to the service without headcount; null: KServe deploys it. */
  | { readonly outcome: 'denied'; readonly findings: Assessment['findings']; readonly alone: string | null }
  /** unreadable: the API server's schema refuses the object, whatever the webhooks say. */
  | { readonly outcome: 'deployed' | 'stopped' | 'unreadable' }
  /** Admitted, and KServe does something else: `kind` is the same for all trials that fail alike. */
  | { readonly outcome: 'mismatch'; readonly kind: string; readonly problems: readonly string[] };

/** The runtime that headcount's catalogue has besides, with images: KServe deploys this one. */
const DEPLOYABLE: unknown = withImages(BUILTIN_RUNTIME);

function withImages(runtime: unknown): unknown {
  const copy = structuredClone(runtime) as Loose;
  for (const container of [...copy.spec.containers, ...copy.spec.workerSpec.containers]) {
    container.image = 'kserve/huggingfaceserver:latest-gpu';
  }
  return copy;
}

export async function tryOut(world: TwistedWorld, judge: Judge): Promise<Trial> {
  const { service, configMap } = world;
  const runtimes = [...world.runtimes, DEPLOYABLE];
  const alone = await judge.ask({ service, runtimes, configMap });
  const given = world.defaulted && alone.stored !== undefined ? asWritten(alone.stored) : service;

  const { findings, plan, stored } = await assess(given, clusterOf(world), configFor(judge));
  const denied = findings.filter(({ severity }) => severity === 'deny');
  const bySum = denied.every(({ rule }) => rule === 'gpu-capacity' || rule === 'head-replicas');
  if (!bySum) return { outcome: 'denied', findings: denied, alone: failureOf(alone) };
  if (alone.unreadable !== undefined) return { outcome: 'unreadable' };

  const verdict = await judge.ask({ service: stored, runtimes, configMap });
  const failure = failureOf(verdict);
  if (denied.length > 0) {
    // The numbers that these rules are about are the plan's, so the plan has to be KServe's here too.
    const stops = Object.keys(verdict.deployments ?? {}).length === 0 && isStopped(stored);
    const problems =
      failure === null && plan !== null && !stops
        ? differences(plan, given, stored, listedTypes(world), judge.release, verdict)
        : [];
    return problems.length > 0
      ? mismatch(problems.map((problem) => `denied by its numbers, and ${problem}`))
      : { outcome: 'denied', findings: denied, alone: failureOf(alone) };
  }
  // One of the two is lost before KServe plans, so nothing that differs says more.
  if (hasModelTwice(given)) return mismatch(['model and shorthand both', failure ?? 'deployed']);
  if (failure !== null) return mismatch([failure]);
  if (Object.keys(verdict.deployments ?? {}).length === 0 && isStopped(stored)) return { outcome: 'stopped' };
  if (plan === null) return mismatch(['no plan: KServe deploys it']);
  const problems = [
    ...differences(plan, given, stored, listedTypes(world), judge.release, verdict),
    ...(failureOf(alone) === null ? newImage(alone, verdict) : []),
  ];
  return problems.length === 0 ? { outcome: 'deployed' } : mismatch(problems);
}

/** The minor version of the judge's release. */
function configFor({ release }: Judge): Config {
  const version = RELEASE_NAMES.find((name) => release.startsWith(`${name}.`)) ?? 'auto';
  return { ...DEFAULTS, kserve: { version } };
}

/** Kinds are told apart by the words of the first problem, without names and numbers. */
function mismatch(problems: readonly string[]): Trial {
  const [first = ''] = problems;
  const words = first.split(/: planned|: written/)[0] ?? '';
  return { outcome: 'mismatch', kind: words.replaceAll(/"[^"]*"|\([^)]*\)|[a-z]{20,}|\d+/g, '*'), problems };
}

function clusterOf({ service, runtimes, configMap }: World): Cluster {
  const { namespace } = service.metadata;
  const claim = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'models', namespace },
    spec: { accessModes: ['ReadWriteMany'] },
    status: { phase: 'Bound' },
  };
  const settings = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'inferenceservice-config', namespace: 'kserve' },
    data: configMap,
  };
  return catalogueOf([...runtimes, claim, settings], 'complete');
}

/** KServe's answer without what only Go writes: an empty status, a creation time of null, and what a create has not. */
function asWritten(stored: Loose): Loose {
  const { metadata, spec, apiVersion, kind } = JSON.parse(JSON.stringify(stored));
  for (const key of ['creationTimestamp', 'uid', 'generation']) delete metadata[key];
  return { apiVersion, kind, metadata, spec };
}

function hasModelTwice({ spec: { predictor } }: Loose): boolean {
  return predictor.model !== undefined && SHORTHANDS.some((key) => predictor[key] !== undefined);
}

function isStopped({ metadata, spec }: Loose): boolean {
  const annotations = { ...metadata.annotations, ...spec.predictor.annotations };
  return annotations['serving.kserve.io/stop'] === 'true';
}
