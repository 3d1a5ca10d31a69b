/**
 * A ServingRuntime or ClusterServingRuntime of any shape, read once when it is loaded and kept: planning a
 * service asks the view, never the raw object.
 */
import { asList, asObject, asString, at, property, type JsonObject } from '../lib/json.ts';
import { readContainers, type ContainerView } from './container.ts';
import { meantKind } from './kinds.ts';
import { HEAD_CONTAINER, WORKER_CONTAINER } from './names.ts';
import { readScheduling, type Scheduling } from './worker.ts';
import { nonEmpty, readSetting, type Setting } from './setting.ts';

type RuntimeKind = 'ServingRuntime' | 'ClusterServingRuntime';
export type Backend = 'ray' | 'mp';

interface SupportedFormat {
  readonly name: string;
  readonly version: string | null;
  readonly autoSelect: boolean;
  readonly priority: number | null;
}

interface RuntimeWorkerView {
  readonly field: string;
  readonly tensorParallelSize: Setting;
  readonly pipelineParallelSize: Setting;
  /** workerSpec.annotations, which the workers' pods get. */
  readonly annotations: JsonObject;
  readonly containersField: string;
  readonly containers: readonly ContainerView[];
  readonly initContainers: readonly ContainerView[];
  readonly scheduling: Scheduling;
  /** The container named worker-container; null when there is none. */
  readonly container: ContainerView | null;
}

export interface RuntimeView {
  readonly kind: RuntimeKind;
  readonly name: string;
  /** null for a ClusterServingRuntime. */
  readonly namespace: string | null;
  /** metadata.creationTimestamp (RFC 3339, so text order is time order); '' when absent. */
  readonly created: string;
  /** Why it is not held. Then only its name and state are known, and no other field is reliable. */
  readonly notHeld: NotHeld | null;
  /** Were args and command of head or worker left out, too long to be held? */
  readonly unread: boolean;
  readonly disabled: boolean;
  /** Does its author allow changes that break services? */
  readonly allowsBreaking: boolean;
  readonly multiModel: boolean;
  readonly formats: readonly SupportedFormat[];
  readonly protocols: readonly string[];
  readonly backend: Backend;
  /** metadata.annotations of KServe's own: which server its image has; null when absent or empty. */
  readonly serverType: string | null;
  /** spec.annotations, which the head's pod gets. */
  readonly annotations: JsonObject;
  readonly containers: readonly ContainerView[];
  readonly initContainers: readonly ContainerView[];
  /** The container named kserve-container; null when there is none. */
  readonly head: ContainerView | null;
  readonly scheduling: Scheduling;
  /** null when the runtime is not multi-node. */
  readonly worker: RuntimeWorkerView | null;
  /** The object as it was read. */
  readonly raw: unknown;
  /** The raw spec, for comparing two versions of a runtime. */
  readonly spec: unknown;
}

/** The runtime is too large to be held, or the runtimes of its namespace are too many to be held together. */
export type NotHeld = 'too-large' | 'too-many';

const ALLOW_BREAKING = 'headcount.dev/allow-breaking';
const EXECUTOR_BACKEND = 'multinode/executor-backend';
/** From KServe 0.20 on. */
export const SERVER_TYPE = 'serving.kserve.io/server-type';

/** What of a runtime was left out before it is read. */
interface LeftOut {
  readonly notHeld: NotHeld | null;
  /** Fields of the containers without their args and command. */
  readonly unread: ReadonlySet<string>;
}

const NOTHING: LeftOut = { notHeld: null, unread: new Set() };

/** @param object the runtime, any JSON value; its `kind` decides between the two kinds. */
export function readRuntime(object: unknown, { notHeld, unread }: LeftOut = NOTHING): RuntimeView {
  const spec = property(object, 'spec');
  const containers = readContainers(property(spec, 'containers'), 'spec.containers', unread);
  const annotations = readAnnotations(spec);
  const cluster = meantKind(object) === 'ClusterServingRuntime';
  const head = containers.find((container) => container.name === HEAD_CONTAINER) ?? null;
  const worker = readRuntimeWorker(property(spec, 'workerSpec'), unread);
  return {
    kind: cluster ? 'ClusterServingRuntime' : 'ServingRuntime',
    name: asString(at(object, 'metadata', 'name')) ?? '',
    namespace: cluster ? null : (asString(at(object, 'metadata', 'namespace')) ?? 'default'),
    created: asString(at(object, 'metadata', 'creationTimestamp')) ?? '',
    notHeld,
    unread: head?.unread === true || worker?.container?.unread === true,
    disabled: property(spec, 'disabled') === true,
    allowsBreaking: at(object, 'metadata', 'annotations', ALLOW_BREAKING) === 'true',
    multiModel: property(spec, 'multiModel') === true,
    formats: readFormats(property(spec, 'supportedModelFormats')),
    protocols: asList(property(spec, 'protocolVersions')).filter((item) => typeof item === 'string'),
    backend: property(annotations, EXECUTOR_BACKEND) === 'mp' ? 'mp' : 'ray',
    serverType: nonEmpty(at(object, 'metadata', 'annotations', SERVER_TYPE)),
    annotations,
    containers,
    initContainers: readContainers(property(spec, 'initContainers'), 'spec.initContainers', unread),
    head,
    scheduling: readScheduling(spec, 'spec'),
    worker,
    raw: object,
    spec,
  };
}

function readAnnotations(pod: unknown): JsonObject {
  return asObject(property(pod, 'annotations')) ?? {};
}

function readFormats(raw: unknown): readonly SupportedFormat[] {
  return asList(raw).flatMap((item) => {
    const name = asString(property(item, 'name'));
    if (name === null) return [];
    const priority = property(item, 'priority');
    return {
      name,
      version: asString(property(item, 'version')),
      autoSelect: property(item, 'autoSelect') === true,
      priority: Number.isSafeInteger(priority) ? (priority as number) : null,
    };
  });
}

function readRuntimeWorker(raw: unknown, unread: ReadonlySet<string>): RuntimeWorkerView | null {
  if (raw === undefined || raw === null) return null;
  const field = 'spec.workerSpec';
  const containers = readContainers(property(raw, 'containers'), `${field}.containers`, unread);
  return {
    field,
    tensorParallelSize: readSetting(raw, 'tensorParallelSize', field),
    pipelineParallelSize: readSetting(raw, 'pipelineParallelSize', field),
    annotations: readAnnotations(raw),
    containersField: `${field}.containers`,
    containers,
    initContainers: readContainers(property(raw, 'initContainers'), `${field}.initContainers`, unread),
    scheduling: readScheduling(raw, field),
    container: containers.find((container) => container.name === WORKER_CONTAINER) ?? null,
  };
}
