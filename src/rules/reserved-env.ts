/**
 * The env that KServe's controller sets is the controller's.
 *
 * Reads: env of the model and of the worker container, in the service and in its runtime. The names are in
 * topology/wiring.ts; the two parallel sizes have a rule of their own.
 * Allowed: absent, or in the service the value that KServe will set. What a runtime has is overwritten, and
 * is no business of the service's author.
 * Why: the controller writes its value into an entry of the same name, so another value is lost; an entry
 * with valueFrom then has both, which makes the Deployment invalid, and the service never starts.
 * Source: KServe, predictor.go (AddEnvVarToPodSpec); Kubernetes, env validation (value and valueFrom).
 */
import type { ContainerView, EnvEntry } from '../isvc/container.ts';
import type { ServiceView } from '../isvc/view.ts';
import { serviceWorkerContainer, type Plan } from '../topology/plan.ts';
import {
  HEAD_RESERVED,
  headService,
  headWiring,
  WORKER_RESERVED,
  workerService,
  workerWiring,
} from '../topology/wiring.ts';
import type { Report, Rule } from './rule.ts';
import { quote } from './text.ts';

export const rule: Rule = {
  id: 'reserved-env',
  summary: 'Env that KServe sets is not given otherwise',
  checkService({ service, runtime, plan }) {
    if (service.worker === null) return [];
    const expected = once(() => expectedEnv(service, plan));
    const found = runtime.status === 'found' ? runtime.runtime : null;
    const where = found === null ? '' : ` in the ${found.kind} ${quote(found.name)}`;
    return [
      ...ownEntries(service.model, HEAD_RESERVED, () => expected().head),
      ...ownEntries(serviceWorkerContainer(service), WORKER_RESERVED, () => expected().worker),
      ...runtimeEntries(found?.head ?? null, HEAD_RESERVED, where),
      ...runtimeEntries(found?.worker?.container ?? null, WORKER_RESERVED, where),
    ];
  },
};

/** Most services give none of these, and then nothing is computed. */
function once<T>(compute: () => T): () => T {
  let known: { readonly value: T } | null = null;
  return () => (known ??= { value: compute() }).value;
}

/** What KServe will set, as far as it is known, and whether a value is that. */
interface Expected {
  readonly shown: () => string;
  readonly matches: (value: string) => boolean;
}

type ExpectedEnv = ReadonlyMap<string, Expected>;

/** Counts are known with a plan only, names once the service has one, and the generation never for sure. */
function expectedEnv(service: ServiceView, plan: Plan | null): { head: ExpectedEnv; worker: ExpectedEnv } {
  const { name, predictorName } = service;
  const input = {
    name,
    generation: service.generation,
    nodes: plan?.nodes ?? 0,
    headGpus: plan?.head.gpus ?? 0,
    workerGpus: plan?.workerTemplateGpus ?? 0,
    storageUri: service.model?.storageUri,
    predictorName,
  };
  const head = exactly(headWiring(input), plan);
  const worker = exactly(workerWiring(input), plan);
  if (name === null) return { head, worker };
  head.set('INFERENCE_SERVICE_NAME', exact(name));
  worker.set('HEAD_SVC', numbered(headService(name, '')));
  if (predictorName === null) worker.set('WORKER_SVC', numbered(workerService(name, '')));
  return { head, worker };
}

const COUNTS = ['RAY_NODE_COUNT', 'REQUEST_GPU_COUNT'];

function exactly(wiring: ReadonlyMap<string, string>, plan: Plan | null): Map<string, Expected> {
  const known = [...wiring].filter(([name]) => plan !== null || !COUNTS.includes(name));
  return new Map(known.map(([name, value]) => [name, exact(value)]));
}

function exact(value: string): Expected {
  return { shown: () => quote(value), matches: (given) => given === value };
}

function numbered(beginning: string): Expected {
  return {
    shown: () => `${quote(beginning)} with the generation`,
    matches: (given) => given.startsWith(beginning) && /^\d{1,18}$/.test(given.slice(beginning.length)),
  };
}

function ownEntries(
  container: ContainerView | null,
  reserved: readonly string[],
  expected: () => ExpectedEnv,
): readonly Report[] {
  return (container?.env ?? []).flatMap((entry) => {
    if (!reserved.includes(entry.name)) return [];
    if (entry.hasValueFrom) return [refused(entry, '')];
    const wanted = expected().get(entry.name);
    return wanted === undefined || wanted.matches(entry.value ?? '') ? [] : [overwritten(entry, wanted)];
  });
}

function runtimeEntries(
  container: ContainerView | null,
  reserved: readonly string[],
  where: string,
): readonly Report[] {
  return (container?.env ?? [])
    .filter((entry) => reserved.includes(entry.name) && entry.hasValueFrom)
    .map((entry) => refused(entry, where));
}

function refused({ field, name }: EnvEntry, where: string): Report {
  return {
    severity: 'deny',
    field,
    message: `${name} is set with valueFrom${where}; KServe puts its own value beside it, which makes the Deployment invalid`,
    fix: `remove ${name}${where}`,
    short: `${name} with valueFrom${where} makes the Deployment invalid: remove it, KServe sets it`,
  };
}

function overwritten({ field, name, value }: EnvEntry, wanted: Expected): Report {
  const given = quote(value ?? '');
  const shown = wanted.shown();
  return {
    severity: 'warn',
    field,
    message: `${name} is ${given}, but KServe will set ${shown}`,
    fix: `remove ${name}`,
    short: `${name} is ${given}, but KServe will set ${shown}: remove it`,
  };
}
