/**
 * A ServingRuntime or ClusterServingRuntime of any shape, read once when it is loaded and kept: planning a
 * service asks the view, never the raw object.
 */
import { asList, asObject, asString, at, property, type JsonObject } from '../json.ts';
import { readContainers, type ContainerView } from './container.ts';
import {
  HEAD_CONTAINER,
  readScheduling,
  readSetting,
  WORKER_CONTAINER,
  type Scheduling,
  type Setting,
} from './view.ts';

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
  readonly disabled: boolean;
  readonly multiModel: boolean;
  readonly formats: readonly SupportedFormat[];
  readonly protocols: readonly string[];
  readonly backend: Backend;
  readonly annotations: JsonObject;
  readonly containers: readonly ContainerView[];
  readonly initContainers: readonly ContainerView[];
  /** The container named kserve-container; null when there is none. */
  readonly head: ContainerView | null;
  readonly scheduling: Scheduling;
  /** null when the runtime is not multi-node. */
  readonly worker: RuntimeWorkerView | null;
}

const EXECUTOR_BACKEND = 'multinode/executor-backend';

/** @param object the runtime, any JSON value; its `kind` decides between the two kinds. */
export function readRuntime(object: unknown): RuntimeView {
  const spec = property(object, 'spec');
  const containers = readContainers(property(spec, 'containers'), 'spec.containers');
  const annotations = asObject(property(spec, 'annotations')) ?? {};
  const cluster = property(object, 'kind') === 'ClusterServingRuntime';
  return {
    kind: cluster ? 'ClusterServingRuntime' : 'ServingRuntime',
    name: asString(at(object, 'metadata', 'name')) ?? '',
    namespace: cluster ? null : (asString(at(object, 'metadata', 'namespace')) ?? 'default'),
    created: asString(at(object, 'metadata', 'creationTimestamp')) ?? '',
    disabled: property(spec, 'disabled') === true,
    multiModel: property(spec, 'multiModel') === true,
    formats: readFormats(property(spec, 'supportedModelFormats')),
    protocols: asList(property(spec, 'protocolVersions')).filter((item) => typeof item === 'string'),
    backend: property(annotations, EXECUTOR_BACKEND) === 'mp' ? 'mp' : 'ray',
    annotations,
    containers,
    initContainers: readContainers(property(spec, 'initContainers'), 'spec.initContainers'),
    head: containers.find((container) => container.name === HEAD_CONTAINER) ?? null,
    scheduling: readScheduling(spec, 'spec'),
    worker: readRuntimeWorker(property(spec, 'workerSpec')),
  };
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

function readRuntimeWorker(raw: unknown): RuntimeWorkerView | null {
  if (raw === undefined || raw === null) return null;
  const field = 'spec.workerSpec';
  const containers = readContainers(property(raw, 'containers'), `${field}.containers`);
  return {
    field,
    tensorParallelSize: readSetting(raw, 'tensorParallelSize', field),
    pipelineParallelSize: readSetting(raw, 'pipelineParallelSize', field),
    containersField: `${field}.containers`,
    containers,
    initContainers: readContainers(property(raw, 'initContainers'), `${field}.initContainers`),
    scheduling: readScheduling(raw, field),
    container: containers.find((container) => container.name === WORKER_CONTAINER) ?? null,
  };
}
