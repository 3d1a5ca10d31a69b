/**
 * A cluster made of manifests: what the command line and `serve --offline` ask instead of an API server.
 * Everything is read once, when the catalogue is made.
 */
import { named, select } from '../isvc/runtime-selection.ts';
import { readRuntime, type RuntimeView } from '../isvc/runtime.ts';
import { takeBack } from '../isvc/provenance.ts';
import { readService, type ServiceView } from '../isvc/view.ts';
import { asList, asObject, asString, at, property } from '../json.ts';
import type { AffectedService, ClaimOutcome, RuntimeSubject } from '../rules/rule.ts';
import type { KServeFacts } from '../topology/gpus.ts';
import { planService, type Plan } from '../topology/plan.ts';
import { BUILTIN_RUNTIME } from './builtin-runtime.ts';
import type { Cluster, Runtimes } from './cluster.ts';

/** Which part of a catalogue an object is; null for kinds that say nothing about a service. */
export type Part = 'service' | 'runtime' | 'claim' | 'kserve' | 'namespace';

/** Services looked at for one change of a runtime: some 100 ms of planning. */
const MOST_SERVICES = 2000;

const KSERVE_GROUP = 'serving.kserve.io/';
const KSERVE_CONFIG = 'inferenceservice-config';

export function partOf(object: unknown): Part | null {
  const apiVersion = asString(property(object, 'apiVersion')) ?? '';
  const kind = property(object, 'kind');
  if (apiVersion.startsWith(KSERVE_GROUP)) {
    if (kind === 'InferenceService') return 'service';
    return kind === 'ServingRuntime' || kind === 'ClusterServingRuntime' ? 'runtime' : null;
  }
  if (apiVersion !== 'v1') return null;
  if (kind === 'PersistentVolumeClaim') return 'claim';
  if (kind === 'Namespace') return 'namespace';
  return kind === 'ConfigMap' && at(object, 'metadata', 'name') === KSERVE_CONFIG ? 'kserve' : null;
}

/**
 * @param objects in any order; of two with the same kind, namespace and name the last counts
 * @param complete is what the objects lack missing, or merely not known?
 */
export function catalogueOf(objects: readonly unknown[], complete: boolean): Cluster {
  return new Catalogue(objects, complete);
}

class Catalogue implements Cluster {
  readonly #complete: boolean;
  readonly #builtin = readRuntime(BUILTIN_RUNTIME);
  readonly #runtimes = new Map<string, RuntimeView>();
  readonly #claims = new Map<string, ClaimOutcome>();
  readonly #labels = new Map<string, Readonly<Record<string, string>>>();
  readonly #services = new Map<string, ServiceView>();
  #kserve: KServeFacts = { customGpuTypes: [], defaultDeploymentMode: null };

  constructor(objects: readonly unknown[], complete: boolean) {
    this.#complete = complete;
    this.#addRuntime(this.#builtin);
    for (const object of objects) this.#add(object);
  }

  #add(object: unknown): void {
    switch (partOf(object)) {
      case 'runtime':
        return this.#addRuntime(readRuntime(object));
      case 'claim':
        return this.#addClaim(object);
      case 'kserve':
        this.#kserve = readKServeConfig(object);
        return;
      case 'namespace':
        this.#labels.set(asString(at(object, 'metadata', 'name')) ?? '', readLabels(object));
        return;
      case 'service': {
        const service = readService(takeBack(object, null).object);
        if (service.name !== null && service.worker !== null) {
          this.#services.set(keyOf(service.namespace, service.name), service);
        }
        return;
      }
      case null:
    }
  }

  #addRuntime(runtime: RuntimeView): void {
    this.#runtimes.set(keyOf(runtime.namespace, runtime.name), runtime);
  }

  #addClaim(object: unknown): void {
    const name = asString(at(object, 'metadata', 'name')) ?? '';
    const namespace = asString(at(object, 'metadata', 'namespace')) ?? 'default';
    this.#claims.set(keyOf(namespace, name), {
      status: 'found',
      name,
      accessModes: asList(at(object, 'spec', 'accessModes')).filter((mode) => typeof mode === 'string'),
      phase: asString(at(object, 'status', 'phase')),
    });
  }

  kserve(): KServeFacts {
    return this.#kserve;
  }

  runtime(namespace: string, name: string): RuntimeView | null {
    return findRuntime(this.#runtimes, namespace, name);
  }

  runtimes(namespace: string): Runtimes {
    return listRuntimes(this.#runtimes, namespace);
  }

  assumed(): RuntimeView | null {
    return this.#complete ? null : this.#builtin;
  }

  claim(namespace: string, name: string): ClaimOutcome {
    const found = this.#claims.get(keyOf(namespace, name));
    if (found !== undefined) return found;
    return this.#complete
      ? { status: 'missing', name }
      : { status: 'unchecked', name, cause: 'no catalogue was given' };
  }

  namespaceLabels(namespace: string): Readonly<Record<string, string>> {
    return this.#labels.get(namespace) ?? {};
  }

  affected(runtime: RuntimeView, previous: RuntimeView | null): RuntimeSubject['affected'] {
    const key = keyOf(runtime.namespace, runtime.name);
    const before = previous === null ? this.#runtimes : new Map(this.#runtimes).set(key, previous);
    const after = new Map(this.#runtimes).set(key, runtime);
    const services: AffectedService[] = [];
    let looked = 0;
    for (const service of this.#services.values()) {
      if (runtime.namespace !== null && runtime.namespace !== service.namespace) continue;
      looked += 1;
      if (looked > MOST_SERVICES) break;
      const effect = effectOn(this.#planOn(service, before), this.#planOn(service, after));
      if (effect !== null) services.push({ namespace: service.namespace, name: service.name ?? '', effect });
    }
    return { services, complete: looked <= MOST_SERVICES };
  }

  #planOn(service: ServiceView, runtimes: ReadonlyMap<string, RuntimeView>): Plan | null {
    const { model, namespace } = service;
    if (model === null) return null;
    const { inNamespace, inCluster } = listRuntimes(runtimes, namespace);
    const outcome =
      model.runtimeName === null
        ? select(model, inNamespace, inCluster)
        : named(model, model.runtimeName, findRuntime(runtimes, namespace, model.runtimeName));
    return outcome.status === 'found' ? planService(service, outcome.runtime, this.#kserve) : null;
  }
}

function effectOn(before: Plan | null, after: Plan | null): AffectedService['effect'] | null {
  if (before === null || before.allocated < before.required) return null;
  if (after === null || after.allocated < after.required) return 'breaks';
  return numbersOf(before) === numbersOf(after) ? null : 're-plans';
}

function numbersOf(plan: Plan): string {
  const { backend, tensorParallelSize, pipelineParallelSize, nodes, head, worker } = plan;
  return [
    backend,
    tensorParallelSize,
    pipelineParallelSize,
    nodes,
    head.gpus,
    head.type,
    worker.gpus,
    worker.type,
  ].join();
}

function findRuntime(
  runtimes: ReadonlyMap<string, RuntimeView>,
  namespace: string,
  name: string,
): RuntimeView | null {
  return runtimes.get(keyOf(namespace, name)) ?? runtimes.get(keyOf(null, name)) ?? null;
}

function listRuntimes(runtimes: ReadonlyMap<string, RuntimeView>, namespace: string): Runtimes {
  const all = [...runtimes.values()];
  return {
    inNamespace: all.filter((runtime) => runtime.namespace === namespace),
    inCluster: all.filter((runtime) => runtime.namespace === null),
  };
}

/** Neither part may hold a slash. */
function keyOf(namespace: string | null, name: string): string {
  return `${namespace ?? ''}/${name}`;
}

/** KServe itself falls back to its defaults where a key holds no valid JSON. */
function readKServeConfig(object: unknown): KServeFacts {
  const types = property(parsed(at(object, 'data', 'multiNode')), 'customGPUResourceTypeList');
  return {
    customGpuTypes: asList(types).filter((type) => typeof type === 'string' && type !== '') as string[],
    defaultDeploymentMode:
      asString(property(parsed(at(object, 'data', 'deploy')), 'defaultDeploymentMode')) || null,
  };
}

function parsed(text: unknown): unknown {
  try {
    return typeof text === 'string' ? (JSON.parse(text) as unknown) : null;
  } catch {
    return null;
  }
}

function readLabels(object: unknown): Readonly<Record<string, string>> {
  const labels = Object.entries(asObject(at(object, 'metadata', 'labels')) ?? {});
  return Object.fromEntries(
    labels.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
