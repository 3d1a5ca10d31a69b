/**
 * An InferenceService of any shape, read into the typed view that the rules and the planner ask. Together
 * with container.ts and runtime.ts this is the only reader of field locations; a finding's field comes
 * from here. Nothing here judges, and nothing throws.
 */
import { asList, asObject, asString, at, property, type JsonObject } from '../lib/json.ts';
import { ContainerView, readContainers, readResources, type Resources } from './container.ts';

export const AUTOSCALER_CLASS = 'serving.kserve.io/autoscalerClass';
export const DEPLOYMENT_MODE = 'serving.kserve.io/deploymentMode';
export const GPU_RESOURCE_TYPES = 'serving.kserve.io/gpu-resource-types';
export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
/** Our own annotations. The service's author may set the first two; the third is our record. */
export const MUTATION_MODE = 'headcount.dev/mutation';
export const PARALLELISM = 'headcount.dev/parallelism';
export const APPLIED = 'headcount.dev/applied';
/** Annotations that KServe or headcount reads. */
export const OUR_PREFIXES: readonly string[] = ['serving.kserve.io/', 'headcount.dev/'];

export const HEAD_CONTAINER = 'kserve-container';
export const WORKER_CONTAINER = 'worker-container';

/** KServe's framework shorthands: its defaulter rewrites each into predictor.model. */
export const SHORTHANDS = [
  'huggingface',
  'sklearn',
  'xgboost',
  'tensorflow',
  'pytorch',
  'triton',
  'onnx',
  'pmml',
  'lightgbm',
  'paddle',
] as const;

/** A number that the author may leave out. */
export interface Setting {
  readonly field: string;
  /** undefined when absent; null is read as absent, as the API server does. */
  readonly given: unknown;
  /** The value when it is a whole number that a double holds exactly, else null. */
  readonly value: number | null;
}

/** predictor.model, or the shorthand that KServe's defaulter has not rewritten yet. */
export class ModelView extends ContainerView {
  /** `model`, or the shorthand. */
  readonly key: string;
  readonly format: string | null;
  readonly formatVersion: string | null;
  /** The protocol that the service states (a huggingface shorthand states v2), else null. */
  readonly protocol: string | null;
  readonly runtimeField: string;
  readonly runtimeName: string | null;
  readonly storageUriField: string;
  readonly storageUri: unknown;
  /** Field of `storage` where it is given instead of storageUri, else null. */
  readonly storage: string | null;

  constructor(raw: unknown, key: string) {
    const field = `${PREDICTOR}.${key}`;
    const shorthand = key !== 'model';
    super(raw, field);
    this.key = key;
    this.format = shorthand ? key : nonEmpty(at(raw, 'modelFormat', 'name'));
    this.formatVersion = shorthand ? null : nonEmpty(at(raw, 'modelFormat', 'version'));
    this.protocol = nonEmpty(property(raw, 'protocolVersion')) ?? (key === 'huggingface' ? 'v2' : null);
    this.runtimeField = `${field}.runtime`;
    this.runtimeName = nonEmpty(property(raw, 'runtime'));
    this.storageUriField = `${field}.storageUri`;
    this.storageUri = property(raw, 'storageUri');
    this.storage = isGiven(property(raw, 'storage')) ? `${field}.storage` : null;
  }
}

export interface WorkerView {
  readonly field: string;
  readonly tensorParallelSize: Setting;
  readonly pipelineParallelSize: Setting;
  readonly containersField: string;
  /** Is `containers` a list, absent, or of another type? */
  readonly containersGiven: 'absent' | 'list' | 'malformed';
  readonly containers: readonly ContainerView[];
  readonly initContainers: readonly ContainerView[];
  readonly scheduling: Scheduling;
  /** Pod-level `resources`, of which KServe reads nothing. */
  readonly podRequests: Resources;
  readonly podLimits: Resources;
}

export interface Scheduling {
  readonly nodeSelectorField: string;
  readonly nodeSelector: JsonObject;
  readonly tolerationsField: string;
  readonly tolerations: readonly unknown[];
}

const PREDICTOR = 'spec.predictor';
const EMPTY: JsonObject = Object.freeze({});

/** Read as far as it is asked for: a review looks at several versions of a service, and at a few fields of some. */
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
    this.model = readModel(predictor);
    this.containers = readContainers(property(predictor, 'containers'), `${PREDICTOR}.containers`);
    this.initContainers = readContainers(
      property(predictor, 'initContainers'),
      `${PREDICTOR}.initContainers`,
    );
    this.worker = readWorker(property(predictor, 'workerSpec'));
  }

  get generateName(): string | null {
    return nonEmpty(property(this.#metadata, 'generateName'));
  }

  /** metadata.generation as it stands; 0 when absent. */
  get generation(): number {
    const generation = property(this.#metadata, 'generation');
    return Number.isSafeInteger(generation) ? (generation as number) : 0;
  }

  /** status.deploymentMode, which KServe writes once; null when absent. */
  get liveDeploymentMode(): string | null {
    return nonEmpty(at(this.raw, 'status', 'deploymentMode'));
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

  get minReplicas(): Setting {
    return readSetting(this.#predictor, 'minReplicas', PREDICTOR);
  }

  get maxReplicas(): Setting {
    return readSetting(this.#predictor, 'maxReplicas', PREDICTOR);
  }

  /** Fields of the given ones among scaleTarget, scaleMetric, autoScaling. */
  get scaling(): readonly string[] {
    return SCALING.filter((key) => isGiven(property(this.#predictor, key))).map(
      (key) => `${PREDICTOR}.${key}`,
    );
  }

  get canaryTraffic(): Setting {
    return readSetting(this.#predictor, 'canaryTrafficPercent', PREDICTOR);
  }

  /** Field of the canary predictors where there are any, else null. */
  get canaries(): string | null {
    const canary = at(this.raw, 'spec', 'canary');
    return isGiven(canary) && !(Array.isArray(canary) && canary.length === 0) ? 'spec.canary' : null;
  }

  /** deploymentStrategy.type; null when absent: RollingUpdate. */
  get strategy(): string | null {
    return nonEmpty(at(this.#predictor, 'deploymentStrategy', 'type'));
  }

  /** Field of deploymentStrategy.rollingUpdate where it is given, else null. */
  get rollingUpdate(): string | null {
    return isGiven(at(this.#predictor, 'deploymentStrategy', 'rollingUpdate'))
      ? `${this.strategyField}.rollingUpdate`
      : null;
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

/** @returns the string value of an annotation, null when absent or not a string. */
export function annotation(view: ServiceView, key: string): string | null {
  return asString(property(view.annotations, key));
}

/** Is it a field of the service itself? A finding about a service may also name one of its runtime. */
export function isServiceField(field: string): boolean {
  return !/^spec\.(containers|initContainers|workerSpec)\b/.test(field);
}

/** The field path of an annotation. */
export function annotationField(key: string): string {
  return `metadata.annotations[${key}]`;
}

/** @returns the key of the model within the predictor: `model`, a shorthand, or null for neither. */
export function modelKey(predictor: unknown): string | null {
  if (isGiven(property(predictor, 'model'))) return 'model';
  return SHORTHANDS.find((key) => isGiven(property(predictor, key))) ?? null;
}

function readModel(predictor: unknown): ModelView | null {
  const key = modelKey(predictor);
  return key === null ? null : new ModelView(property(predictor, key), key);
}

function readWorker(raw: unknown): WorkerView | null {
  if (!isGiven(raw)) return null;
  const field = `${PREDICTOR}.workerSpec`;
  const containers = property(raw, 'containers');
  return {
    field,
    tensorParallelSize: readSetting(raw, 'tensorParallelSize', field),
    pipelineParallelSize: readSetting(raw, 'pipelineParallelSize', field),
    containersField: `${field}.containers`,
    containersGiven: !isGiven(containers) ? 'absent' : Array.isArray(containers) ? 'list' : 'malformed',
    containers: readContainers(containers, `${field}.containers`),
    initContainers: readContainers(property(raw, 'initContainers'), `${field}.initContainers`),
    scheduling: readScheduling(raw, field),
    podRequests: readResources(at(raw, 'resources', 'requests'), `${field}.resources.requests`),
    podLimits: readResources(at(raw, 'resources', 'limits'), `${field}.resources.limits`),
  };
}

const SCALING = ['scaleTarget', 'scaleMetric', 'autoScaling'];

/** Reads nodeSelector and tolerations of a pod spec. */
export function readScheduling(raw: unknown, field: string): Scheduling {
  return {
    nodeSelectorField: `${field}.nodeSelector`,
    nodeSelector: asObject(property(raw, 'nodeSelector')) ?? EMPTY,
    tolerationsField: `${field}.tolerations`,
    tolerations: asList(property(raw, 'tolerations')),
  };
}

/** Reads an optional number of an object at `field`. */
export function readSetting(raw: unknown, key: string, field: string): Setting {
  const given = property(raw, key);
  return {
    field: `${field}.${key}`,
    given: given === null ? undefined : given,
    value: Number.isSafeInteger(given) ? (given as number) : null,
  };
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function nonEmpty(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
