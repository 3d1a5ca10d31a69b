/**
 * The env that KServe's controller sets is the controller's.
 *
 * Reads: env of the model, of the worker container and of the head's sidecars, in the service and in its runtime. The names
 * are in src/kserve/wiring.ts, by release; the two parallel sizes have a rule of their own. And PYTHONPATH in any container of
 * a service, or of a runtime that is written.
 * Allowed: absent, or in the service the value that KServe will set. KServe overwrites the runtime's values,
 * and the service's author can't change them.
 * Why: the controller writes its value into an entry of the same name, so another value is lost; an entry
 * with valueFrom then has both, which makes the Deployment invalid, and the service never starts. PYTHONPATH is refused by
 * KServe's webhooks from 0.18 on, with the first error only.
 * Source: docs/kserve.md, Environment that the controller sets, What KServe's webhooks check; Kubernetes, env validation (value and valueFrom).
 */
import type { ContainerView, EnvEntry } from '../kserve/container.ts';
import type { RuntimeView } from '../kserve/runtime.ts';
import type { ServiceView } from '../kserve/view.ts';
import { has } from '../kserve/releases.ts';
import type { Plan } from '../kserve/plan.ts';
import { mergedPairs, serviceWorkerContainer } from '../kserve/merge.ts';
import { HEAD_CONTAINER, TRANSFORMER_CONTAINER } from '../kserve/names.ts';
import {
  headReserved,
  headWiring,
  SERVICE_NAME,
  sidecarReserved,
  workerReserved,
  workerWiring,
} from '../kserve/wiring.ts';
import type { Report, Rule } from './rule.ts';
import { quote } from '../lib/text.ts';

export const rule: Rule = {
  id: 'reserved-env',
  summary: 'Env that KServe sets is not given otherwise',
  needsPlan: true,
  *checkService({ service, runtime, plan, kserve }) {
    if (service.worker === null) return;
    const found = runtime.status === 'found' ? runtime.runtime : null;
    const { release } = kserve;
    const [ofHead, ofWorker] = [headReserved(release), workerReserved(release)];
    yield* ownEntries(service.model, ofHead, () => headEnv(service, plan));
    yield* ownEntries(serviceWorkerContainer(service), ofWorker, () =>
      workerWiring(service, plan, '', release),
    );
    const ofSidecar = sidecarReserved(release);
    for (const sidecar of service.containers) {
      yield* ownEntries(sidecar, ofSidecar, () => sidecarEnv(service));
    }
    if (found !== null) {
      const wins = has(release, 'serviceEnvWins');
      const reserved = { head: ofHead, transformer: ofSidecar, worker: ofWorker };
      for (const { role, ofRuntime, own } of mergedPairs(service, found)) {
        yield* inherited(found, ofRuntime, reserved[role], wins ? own : null);
      }
      for (const sidecar of found.containers) {
        const { name } = sidecar;
        if (name === HEAD_CONTAINER || name === TRANSFORMER_CONTAINER) continue;
        yield* inherited(found, sidecar, ofSidecar, null);
      }
    }
    if (!has(release, 'refusesPythonPath')) return;
    const { model, containers, initContainers, worker } = service;
    if (model !== null && hasPythonPath(model)) yield* withPythonPath([model]);
    for (const list of [containers, initContainers, worker.containers, worker.initContainers]) {
      if (list.some(hasPythonPath)) yield* withPythonPath(list);
    }
  },
  *checkRuntime({ runtime: { containers, worker }, kserve }) {
    // KServe looks at no init containers of a runtime.
    if (worker === null || !has(kserve.release, 'refusesPythonPath')) return;
    yield* withPythonPath([...containers, ...worker.containers]);
  },
};

const PYTHON_PATH = 'PYTHONPATH';

function hasPythonPath({ env }: ContainerView): boolean {
  return env.some(({ name }) => name === PYTHON_PATH);
}

function* withPythonPath(containers: readonly ContainerView[]): Iterable<Report> {
  for (const { env } of containers) {
    for (const { name, field } of env) {
      if (name !== PYTHON_PATH) continue;
      yield {
        severity: 'deny',
        field,
        message: "PYTHONPATH is set as env, which KServe's webhooks refuse",
        fix: 'remove it, and install the modules in the image',
        short: "PYTHONPATH is refused by KServe's webhooks: remove it, and install the modules in the image",
      };
    }
  }
}

/** Name and value of the env that KServe will set, as far as it is known. The generation is never certain. */
type ExpectedEnv = ReadonlyMap<string, string>;

const ENDS_IN_GENERATION = ['HEAD_SVC', 'WORKER_SVC'];

function headEnv(service: ServiceView, plan: Plan | null): ExpectedEnv {
  return new Map([...headWiring(service, plan), ...sidecarEnv(service)]);
}

function sidecarEnv({ name }: ServiceView): ExpectedEnv {
  return new Map(name === null ? [] : [[SERVICE_NAME, name]]);
}

function* ownEntries(
  container: ContainerView | null,
  names: readonly string[],
  expected: () => ExpectedEnv,
): Iterable<Report> {
  let env: ExpectedEnv | undefined;
  for (const entry of container?.env ?? NO_ENV) {
    if (!names.includes(entry.name)) continue;
    env ??= expected();
    const wanted = env.get(entry.name);
    if (entry.hasValueFrom) yield refused(entry, '');
    else if (wanted !== undefined && !entry.hasOtherType && !isAsSet(entry, wanted)) {
      yield overwritten(entry, wanted);
    }
  }
}

const NO_ENV: readonly EnvEntry[] = [];

function isAsSet({ name, value }: EnvEntry, wanted: string): boolean {
  const given = value ?? '';
  if (!ENDS_IN_GENERATION.includes(name)) return given === wanted;
  return given.startsWith(wanted) && /^\d{1,18}$/.test(given.slice(wanted.length));
}

/** @param winner container of the service whose values replace those of the runtime; null for none */
function inherited(
  { kind, name }: RuntimeView,
  container: ContainerView | null,
  names: readonly string[],
  winner: ContainerView | null,
): readonly Report[] {
  if (container === null) return NOTHING;
  const isReplaced = (entry: EnvEntry): boolean =>
    winner?.env.some((own) => own.name === entry.name && Boolean(own.value)) === true;
  return container.env
    .filter((entry) => entry.hasValueFrom && names.includes(entry.name) && !isReplaced(entry))
    .map((entry) => ({ ...refused(entry, ` in the ${kind} ${quote(name)}`), owner: 'runtime' }));
}

const NOTHING: readonly Report[] = [];

function refused({ field, name }: EnvEntry, where: string): Report {
  return {
    severity: 'deny',
    field,
    message: `${name} is set with valueFrom${where}; KServe puts its own value beside it, which makes the Deployment invalid`,
    fix: `remove ${name}${where}`,
    short: `${name} with valueFrom${where} makes the Deployment invalid: remove it, KServe sets it`,
  };
}

function overwritten({ field, name, value }: EnvEntry, wanted: string): Report {
  const given = quote(value ?? '');
  const shown = ENDS_IN_GENERATION.includes(name) ? `${quote(wanted)} with the generation` : quote(wanted);
  return {
    severity: 'warn',
    field,
    message: `${name} is ${given}, but KServe will set ${shown}`,
    fix: `remove ${name}`,
    short: `${name} is ${given}, but KServe will set ${shown}: remove it`,
  };
}
