/**
 * An InferenceService of any shape, read into the typed view that the rules and the planner ask. With model.ts,
 * worker.ts, container.ts and runtime.ts this is the only reader of field locations; a finding's field comes
 * from here. Nothing here judges, and nothing throws.
 */
import { asList, asObject, at, property, type JsonObject } from '../lib/json.ts';
import { readMember } from '../lib/unread.ts';
import { readContainers, readResources, type ContainerView, type Resources } from './container.ts';
import { readModel, type ModelView } from './model.ts';
import { isGiven, nonEmpty, readSetting, type Setting } from './setting.ts';
import { readScheduling, readWorker, type Scheduling, type WorkerView } from './worker.ts';

const AGENTS = ['logger', 'batcher'];
export const PREDICTOR = 'spec.predictor';
const EMPTY: JsonObject = Object.freeze({});

/** Each field is read only when it is needed: a review views several versions of a service, some only in part. */
export class ServiceView {
  readonly raw: JsonObject;
  readonly #metadata: unknown;
  readonly #predictor: unknown;
  readonly namespace: string;
  /** The name; null while only generateName is known. */
  readonly name: string | null;
  readonly annotations: JsonObject;
  readonly predictorField = PREDICTOR;
  readonly strategyField = `${PREDICTOR}.deploymentStrategy`;
  readonly model: ModelView | null;
  /** predictor.containers: sidecars beside a model, or a custom predictor without one. */
  readonly containers: readonly ContainerView[];
  readonly initContainers: readonly ContainerView[];
  /** null when the service is not multi-node: workerSpec is absent or null. */
  readonly worker: WorkerView | null;

  /**
   * @param object the InferenceService, any JSON value
   * @param request name and namespace of the request, which count where the object has none
   */
  constructor(object: unknown, request: { name?: string; namespace?: string }) {
    const raw = asObject(object) ?? EMPTY;
    const metadata = property(raw, 'metadata');
    const predictor = property(property(raw, 'spec'), 'predictor');
    this.raw = raw;
    this.#metadata = metadata;
    this.#predictor = predictor;
    this.namespace = nonEmpty(property(metadata, 'namespace')) ?? nonEmpty(request.namespace) ?? 'default';
    this.name = nonEmpty(property(metadata, 'name')) ?? nonEmpty(request.name);
    this.annotations = asObject(property(metadata, 'annotations')) ?? EMPTY;
    this.model = readModel(predictor, PREDICTOR);
    this.containers = readContainers(property(predictor, 'containers'), `${PREDICTOR}.containers`);
    this.initContainers = readContainers(
      property(predictor, 'initContainers'),
      `${PREDICTOR}.initContainers`,
    );
    this.worker = readWorker(property(predictor, 'workerSpec'), PREDICTOR);
  }

  get generateName(): string | null {
    return nonEmpty(property(this.#metadata, 'generateName'));
  }

  /** metadata.uid, which the API server gives a stored object; null when absent. */
  get uid(): string | null {
    return nonEmpty(property(this.#metadata, 'uid'));
  }

  /** metadata.generation as it stands; 0 when absent. */
  get generation(): number {
    const generation = property(this.#metadata, 'generation');
    return Number.isSafeInteger(generation) ? (generation as number) : 0;
  }

  /** status.deploymentMode, which KServe writes once; null when absent. */
  get liveDeploymentMode(): string | null {
    return nonEmpty(readMember(property(this.raw, 'status'), 'deploymentMode'));
  }

  /** predictor.name, which KServe 0.20 puts into derived names; null when absent or empty. */
  get predictorName(): string | null {
    return nonEmpty(property(this.#predictor, 'name'));
  }

  get podRequests(): Resources {
    return readResources(at(this.#predictor, 'resources', 'requests'), `${PREDICTOR}.resources.requests`);
  }

  get podLimits(): Resources {
    return readResources(at(this.#predictor, 'resources', 'limits'), `${PREDICTOR}.resources.limits`);
  }

  get scheduling(): Scheduling {
    return readScheduling(this.#predictor, PREDICTOR);
  }

  /** Field of `storageUris` where it is given, else null. */
  get storageUris(): string | null {
    return isGiven(property(this.#predictor, 'storageUris')) ? `${PREDICTOR}.storageUris` : null;
  }

  /** Fields of `logger` and `batcher` where they are given: each of them brings KServe's agent into the pods. */
  get agents(): readonly string[] {
    return AGENTS.filter((key) => isGiven(property(this.#predictor, key))).map(
      (key) => `${PREDICTOR}.${key}`,
    );
  }

  get labels(): JsonObject {
    return asObject(property(this.#metadata, 'labels')) ?? EMPTY;
  }

  get minReplicas(): Setting {
    return readSetting(this.#predictor, 'minReplicas', PREDICTOR);
  }

  get maxReplicas(): Setting {
    return readSetting(this.#predictor, 'maxReplicas', PREDICTOR);
  }

  /** The raw spec.predictor, for the other files that read parts of it. */
  get predictor(): unknown {
    return this.#predictor;
  }

  /** predictor.annotations, which KServe lays over the service's in the Deployments. */
  get podAnnotations(): JsonObject {
    return asObject(property(this.#predictor, 'annotations')) ?? EMPTY;
  }

  get canaryTraffic(): Setting {
    return readSetting(this.#predictor, 'canaryTrafficPercent', PREDICTOR);
  }

  /** Fields of workerSpec in the canary predictors. */
  get canaryWorkers(): readonly string[] {
    return asList(at(this.raw, 'spec', 'canary')).flatMap((canary, index) =>
      isGiven(at(canary, 'predictor', 'workerSpec')) ? `spec.canary[${index}].predictor.workerSpec` : [],
    );
  }

  /** Field of the canary predictors where there are any, else null. */
  get canaries(): string | null {
    const canary = at(this.raw, 'spec', 'canary');
    return isGiven(canary) && !(Array.isArray(canary) && canary.length === 0) ? 'spec.canary' : null;
  }
}

/** @returns the view of an InferenceService of any shape. */
export function readService(
  object: unknown,
  request: { name?: string; namespace?: string } = {},
): ServiceView {
  return new ServiceView(object, request);
}

/** Is the service multi-node? An empty workerSpec counts, null does not (the API server drops it). */
export function isMultiNode(object: unknown): boolean {
  return isGiven(at(object, 'spec', 'predictor', 'workerSpec'));
}
