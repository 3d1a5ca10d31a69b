/**
 * What KServe merges of service and runtime makes a valid Deployment.
 *
 * Reads: names of the head's containers and init containers, env of the merged containers, predictor.deploymentStrategy.
 * Denied: two containers of one name in the head's pod; an env variable that has both value and valueFrom after the merge,
 * the ones of the rules reserved-env and parallel-size-env left aside; the strategy Recreate with rollingUpdate values.
 * Allowed: a container called transformer-container in both, since KServe merges these.
 * Why: KServe's webhooks admit it and its controller sends it to the API server, which refuses the Deployment: the service
 * never starts, or never changes. Only a sidecar called kserve-container is refused by KServe's webhook.
 * Source: docs/kserve.md, Merge of service and runtime, Services that KServe admits and cannot run, Roll-out.
 */
import type { ContainerView, EnvEntry } from '../kserve/container.ts';
import { mergedPairs, type MergedPair } from '../kserve/merge.ts';
import type { RuntimeView } from '../kserve/runtime.ts';
import { HEAD_CONTAINER, TRANSFORMER_CONTAINER } from '../kserve/names.ts';
import type { ServiceView } from '../kserve/view.ts';
import { WIRING } from '../kserve/wiring.ts';
import { quote } from '../lib/text.ts';
import { strategyOf } from '../kserve/strategy.ts';
import type { Report, Rule } from './rule.ts';

export const rule: Rule = {
  id: 'merge',
  summary: 'Service and runtime merge into a valid Deployment',
  *checkService({ service, runtime }) {
    if (service.worker === null || service.model === null) return;
    const found = runtime.status === 'found' ? runtime.runtime : null;
    yield* sameNames(service, found);
    for (const pair of mergedPairs(service, found)) yield* bothValues(pair, found);
    const strategy = strategyOf(service);
    if (strategy.recreate && strategy.rollingUpdate !== null) yield recreate(strategy.rollingUpdate);
  },
};

/** Other rules speak of these. */
const ELSEWHERE: ReadonlySet<string> = new Set([
  ...WIRING,
  'INFERENCE_SERVICE_NAME',
  'TENSOR_PARALLEL_SIZE',
  'PIPELINE_PARALLEL_SIZE',
]);

/** In the order in which KServe puts them together; of the runtime's it leaves out those that it has merged. */
function* sameNames(service: ServiceView, runtime: RuntimeView | null): Iterable<Report> {
  const isSidecar = ({ name }: ContainerView): boolean =>
    name !== HEAD_CONTAINER && name !== TRANSFORMER_CONTAINER;
  const where = new Map<string, string>([[HEAD_CONTAINER, "the model's container"]]);
  const others = [...(runtime?.containers.filter(isSidecar) ?? [])];
  for (const { name } of others) if (name) where.set(name, `one of the ${nameOf(runtime)}`);
  const own = [
    ...service.containers.filter(({ name }) => name !== TRANSFORMER_CONTAINER),
    ...service.initContainers,
  ];
  for (const { name, field } of own) {
    if (!name) continue;
    const other = where.get(name);
    if (other === undefined) where.set(name, 'another one of the service');
    else yield sameName(name, `${field}.name`, other);
  }
}

function sameName(name: string, field: string, other: string): Report {
  const found = `the container ${quote(name)} has the name of ${other}`;
  return {
    severity: 'deny',
    field,
    message: `${found}; KServe puts both into the head's pod, and the API server refuses the Deployment`,
    fix: 'give it another name',
    short: `${found}, and the API server refuses the Deployment: give it another name`,
  };
}

function* bothValues({ ofRuntime, own }: MergedPair, runtime: RuntimeView | null): Iterable<Report> {
  const inherited = new Map((ofRuntime?.env ?? []).map((entry) => [entry.name, entry]));
  const ownNames = new Set<string>();
  for (const entry of own?.env ?? []) {
    ownNames.add(entry.name);
    if (ELSEWHERE.has(entry.name)) continue;
    const base = inherited.get(entry.name);
    if (isBoth(entry)) yield bothInOne(entry, '');
    else if (base !== undefined && isConflict(entry, base)) yield conflict(entry, nameOf(runtime));
  }
  for (const entry of inherited.values()) {
    if (ownNames.has(entry.name) || ELSEWHERE.has(entry.name) || !isBoth(entry)) continue;
    yield { ...bothInOne(entry, ` in the ${nameOf(runtime)}`), owner: 'runtime' };
  }
}

/** Go leaves out an empty value. */
function isBoth({ value, hasValueFrom }: EnvEntry): boolean {
  return hasValueFrom && Boolean(value);
}

function isConflict(own: EnvEntry, base: EnvEntry): boolean {
  return (Boolean(own.value) && base.hasValueFrom) || (own.hasValueFrom && Boolean(base.value));
}

function bothInOne({ field, name }: EnvEntry, where: string): Report {
  return {
    severity: 'deny',
    field,
    message: `${quote(name)}${where} has both value and valueFrom, and the API server refuses the Deployment`,
    fix: `keep one of the two${where}`,
    short: `${quote(name)}${where} has both value and valueFrom: keep one of the two`,
  };
}

function conflict({ field, name, hasValueFrom }: EnvEntry, runtime: string): Report {
  const [own, other] = hasValueFrom ? ['valueFrom', 'value'] : ['value', 'valueFrom'];
  return {
    severity: 'deny',
    field,
    message:
      `${quote(name)} has ${own} here and ${other} in the ${runtime}; KServe's merge keeps both, ` +
      'and the API server refuses the Deployment',
    fix: `give ${quote(name)} with ${other} here too, or remove it`,
    short: `${quote(name)} has ${own} here and ${other} in the ${runtime}: use ${other}, or remove it`,
  };
}

function recreate(field: string): Report {
  return {
    severity: 'deny',
    field,
    message: 'rollingUpdate stands beside the strategy Recreate, and the API server refuses the Deployment',
    fix: 'remove rollingUpdate',
    short: 'rollingUpdate beside the strategy Recreate, which the API server refuses: remove it',
  };
}

function nameOf(runtime: RuntimeView | null): string {
  return `${runtime?.kind} ${quote(runtime?.name)}`;
}
