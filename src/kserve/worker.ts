/** workerSpec of a service, and what it shares with every pod spec. */
import { asList, asObject, at, property, type JsonObject } from '../lib/json.ts';
import { readContainers, readResources, type ContainerView, type Resources } from './container.ts';
import { isGiven, readSetting, type Setting } from './setting.ts';

const EMPTY: JsonObject = Object.freeze({});

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

/** @returns the view of a predictor's workerSpec; null when it is absent or null */
export function readWorker(raw: unknown, predictorField: string): WorkerView | null {
  if (!isGiven(raw)) return null;
  const field = `${predictorField}.workerSpec`;
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

/** Reads nodeSelector and tolerations of a pod spec. */
export function readScheduling(raw: unknown, field: string): Scheduling {
  return {
    nodeSelectorField: `${field}.nodeSelector`,
    nodeSelector: asObject(property(raw, 'nodeSelector')) ?? EMPTY,
    tolerationsField: `${field}.tolerations`,
    tolerations: asList(property(raw, 'tolerations')),
  };
}
