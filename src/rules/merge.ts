/**
 * What KServe merges of service and runtime makes a valid Deployment.
 *
 * Reads: names of the containers and init containers of both pods, env, probes and resources of the merged containers,
 * predictor.deploymentStrategy.
 * Denied: two containers of one name in a pod, or one without a valid name; a probe with another number of handlers than
 * one; an env variable that has both value and valueFrom after the merge, the ones of the rules reserved-env and
 * parallel-size-env left aside (from 0.20 on the service's side wins); a request of cpu, memory or ephemeral-storage above
 * its limit after the merge; a deployment strategy of another type than Kubernetes has, Recreate with rollingUpdate values,
 * and rollingUpdate with zeros only.
 * Allowed: a container called transformer-container in both, since KServe merges these.
 * Why: KServe's webhooks admit it and its controller sends it to the API server, which refuses the Deployment: the service
 * never starts, or never changes. Only a sidecar called kserve-container is refused by KServe's webhook.
 * Source: docs/kserve.md, Merge of service and runtime, Services that KServe admits and cannot run, Roll-out; Kubernetes,
 * "Resource Management for Pods and Containers".
 */
import type { ContainerView } from '../kserve/container.ts';
import { mergedPairs, type MergedPair } from '../kserve/merge.ts';
import type { RuntimeView } from '../kserve/runtime.ts';
import type { RuntimeOutcome } from '../kserve/selection.ts';
import { HEAD_CONTAINER, LABEL_PATTERN, TRANSFORMER_CONTAINER, WORKER_CONTAINER } from '../kserve/names.ts';
import { has } from '../kserve/releases.ts';
import type { ServiceView } from '../kserve/view.ts';
import { SERVICE_NAME, WIRING } from '../kserve/wiring.ts';
import { nearest } from '../lib/nearest.ts';
import { quote } from '../lib/text.ts';
import { strategyOf } from '../kserve/strategy.ts';
import type { Report, Rule } from './rule.ts';
import { bothValues } from './support/env-values.ts';
import { LateReport, type Words } from './support/late-report.ts';
import { probeHandlers } from './support/probe-handlers.ts';
import { requestsAboveLimits } from './support/requests-above-limits.ts';

export const rule: Rule = {
  id: 'merge',
  summary: 'Service and runtime merge into a valid Deployment',
  needsPlan: true,
  *checkService({ service, runtime, kserve }) {
    if (service.worker === null || service.model === null) return;
    const found = runtime.status === 'found' ? runtime.runtime : null;
    yield* invalidNames(service, found);
    yield* sameNames(service, found);
    yield* sameNamesInWorker(service);
    if (!has(kserve.release, 'workersService')) yield* secondWorker(service);
    const elsewhere = has(kserve.release, 'refusesPythonPath') ? WITH_PYTHON_PATH : ELSEWHERE;
    const ownWins = has(kserve.release, 'serviceEnvWins');
    for (const pair of mergedPairs(service, found)) {
      yield* bothValues(pair, found, elsewhere, ownWins);
      if (pair.own !== null) yield* probeHandlers(pair.own, pair.ofRuntime, found);
      yield* requestsAboveLimits(
        isPartlyKnown(pair, service, runtime) ? { ...pair, ofRuntime: null } : pair,
        found,
      );
    }
    const strategy = strategyOf(service);
    if (!TYPES.includes(strategy.type)) yield noStrategy(strategy.type, service);
    if (strategy.rollingUpdate === null) return;
    if (strategy.recreate) yield recreate(strategy.rollingUpdate);
    else if (isZero(strategy.maxSurge) && isZero(strategy.maxUnavailable))
      yield noRoom(strategy.rollingUpdate);
  },
};

/** The resources of an assumed runtime are not known, and KServe's defaulter completes those of a shorthand. */
function isPartlyKnown({ role }: MergedPair, { model }: ServiceView, runtime: RuntimeOutcome): boolean {
  return (
    (runtime.status === 'found' && runtime.how === 'assumed') ||
    (role === 'head' && model !== null && model.key !== 'model')
  );
}

/** Kubernetes, DeploymentStrategy: an absent type is RollingUpdate. */
const TYPES: readonly unknown[] = ['', 'Recreate', 'RollingUpdate'];

function noStrategy(type: unknown, { strategyField }: ServiceView): Report {
  const meant = typeof type === 'string' ? nearest(type, ['Recreate', 'RollingUpdate']) : null;
  const fix = `write type: ${meant ?? 'Recreate, or type: RollingUpdate'}`;
  return {
    severity: 'deny',
    field: `${strategyField}.type`,
    message: `Kubernetes has no deployment strategy ${quote(type)}, and the API server refuses the Deployment`,
    fix,
    short: `Kubernetes has no deployment strategy ${quote(type)}: ${fix}`,
  };
}

/** Other rules judge these. */
const ELSEWHERE: ReadonlySet<string> = new Set([
  ...WIRING,
  SERVICE_NAME,
  'TENSOR_PARALLEL_SIZE',
  'PIPELINE_PARALLEL_SIZE',
]);

const WITH_PYTHON_PATH: ReadonlySet<string> = new Set([...ELSEWHERE, 'PYTHONPATH']);

/** The main containers of head and worker are not checked, because KServe names them. */
function* invalidNames(service: ServiceView, runtime: RuntimeView | null): Iterable<Report> {
  for (const own of [service.containers, service.initContainers, service.worker?.initContainers ?? []]) {
    for (const container of own) if (!isLabel(container.name)) yield invalidName(container, '');
  }
  for (const container of runtime?.containers ?? []) {
    if (!isLabel(container.name)) {
      yield { ...invalidName(container, ` of the ${nameOf(runtime)}`), owner: 'runtime' };
    }
  }
}

const LABEL = new RegExp(`^${LABEL_PATTERN}$`);

function isLabel(name: string | null): boolean {
  return name !== null && LABEL.test(name);
}

function invalidName({ name, field }: ContainerView, where: string): Report {
  const found = name ? `the container name ${quote(name)}${where}` : `a container${where} without a name`;
  const why = name ? 'is no DNS label, and ' : '';
  const fix = 'name it with at most 63 lower-case letters, digits and hyphens';
  return {
    severity: 'deny',
    field: `${field}.name`,
    message: `${found} ${why}makes the API server refuse the Deployment`,
    fix,
    short: `${found} ${why}makes the API server refuse the Deployment: ${fix}`,
  };
}

/** Follows KServe's order. KServe leaves out the containers of the runtime that it has merged. */
function* sameNames(service: ServiceView, runtime: RuntimeView | null): Iterable<Report> {
  const isAlone = service.containers.length === 0 && service.initContainers.length === 0;
  if (isAlone && (runtime?.containers.length ?? 0) <= 1) return;
  const isSidecar = ({ name }: ContainerView): boolean =>
    name !== HEAD_CONTAINER && name !== TRANSFORMER_CONTAINER;
  const where = new Map<string, string>([[HEAD_CONTAINER, "the model's container"]]);
  const others = [...(runtime?.containers.filter(isSidecar) ?? [])];
  for (const container of others) {
    const { name } = container;
    if (!name) continue;
    if (where.has(name)) {
      const other = `another one of the ${nameOf(runtime)}`;
      yield sameName(container, name, other, REFUSED_IN_HEAD, 'runtime');
    }
    where.set(name, `one of the ${nameOf(runtime)}`);
  }
  const sidecars = service.containers.filter(({ name }) => name !== TRANSFORMER_CONTAINER);
  yield* takenNames(sidecars, where, (name) => (name === HEAD_CONTAINER ? SECOND_MODEL : REFUSED_IN_HEAD));
  yield* takenNames(service.initContainers, where, () => REFUSED_IN_HEAD);
}

/** The worker's pod has one container, and the init containers of the service. */
function sameNamesInWorker({ worker }: ServiceView): Iterable<Report> {
  const where = new Map<string, string>([[WORKER_CONTAINER, "the worker's container"]]);
  return takenNames(worker?.initContainers ?? [], where, () => REFUSED_IN_WORKER);
}

const SECOND_MODEL = "KServe's webhook refuses it beside a model";
const REFUSED_IN_HEAD = "KServe puts both into the head's pod, and the API server refuses the Deployment";
const REFUSED_IN_WORKER = "KServe puts both into the worker's pod, and the API server refuses the Deployment";

/** @param where the names of the pod so far, each with whose it is; those of `own` are added */
function* takenNames(
  own: readonly ContainerView[],
  where: Map<string, string>,
  whyOf: (name: string) => string,
): Iterable<Report> {
  for (const container of own) {
    const { name } = container;
    if (!name) continue;
    const other = where.get(name);
    if (other === undefined) where.set(name, 'another one of the service');
    else yield sameName(container, name, other, whyOf(name));
  }
}

/** These releases take the sidecar for the worker, and then make no Service for the head. */
function* secondWorker({ containers }: ServiceView): Iterable<Report> {
  const found = containers.find(({ name }) => name === WORKER_CONTAINER);
  if (found === undefined) return;
  yield {
    severity: 'deny',
    field: `${found.field}.name`,
    message: `a sidecar called ${WORKER_CONTAINER} keeps KServe before 0.18 from making the head's Service, which the workers look for`,
    fix: 'give it another name',
    short: `a sidecar called ${WORKER_CONTAINER} keeps KServe from making the head's Service: give it another name`,
  };
}

function sameName(
  container: ContainerView,
  name: string,
  other: string,
  why: string,
  owner?: 'runtime',
): Report {
  const words = (): Words => {
    const found = `the container ${quote(name)} has the name of ${other}`;
    return {
      message: `${found}; ${why}`,
      fix: 'give it another name',
      short: `${found}: give it another name`,
    };
  };
  return new LateReport('deny', () => `${container.field}.name`, words, owner);
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

/** A number, or a percentage. */
function isZero(given: unknown): boolean {
  return given === 0 || (typeof given === 'string' && /^0+%$/.test(given));
}

function noRoom(field: string): Report {
  const found = 'maxSurge and maxUnavailable of rollingUpdate are both 0';
  return {
    severity: 'deny',
    field,
    message: `${found}, so that no pod could be replaced, and the API server refuses the Deployment`,
    fix: 'write maxSurge: 1 to start a new head first, or maxUnavailable: 1 to stop the old one first',
    short: `${found}, which the API server refuses: write 1 for one of them`,
  };
}

function nameOf(runtime: RuntimeView | null): string {
  return `${runtime?.kind} ${quote(runtime?.name)}`;
}
