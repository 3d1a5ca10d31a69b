/** workerSpec of a service, and what it shares with every pod spec. */
import { asList, asObject, at, property, type JsonObject } from '../lib/json.ts';
import { readContainers, readResources, type ContainerView, type Resources } from './container.ts';
import { isGiven, nonEmpty, readSetting, type Setting } from './setting.ts';

const NO_SELECTOR: JsonObject = Object.freeze({});
const NO_NAMES: readonly string[] = [];
const NO_VOLUMES: ReadonlyMap<string, boolean> = new Map();

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
  /** Pod-level `resources`, which KServe ignores. */
  readonly podRequests: Resources;
  readonly podLimits: Resources;
}

export interface Scheduling {
  readonly nodeSelectorField: string;
  readonly nodeSelector: JsonObject;
  readonly tolerationsField: string;
  readonly tolerations: readonly unknown[];
  /** The pod spec that all of it is in. */
  readonly field: string;
  /** Parts of `affinity` that are given. */
  readonly affinity: readonly string[];
  /** Alternatives of the required node affinity; null where none is required. */
  readonly nodeSelectorTerms: readonly unknown[] | null;
  readonly imagePullSecrets: readonly string[];
  /** Each volume's name, and whether it is an emptyDir in memory. */
  readonly volumes: ReadonlyMap<string, boolean>;
  /** What KServe takes from the service's pod specs only; null when absent. */
  readonly names: Readonly<Record<PodName, string | null>>;
}

/** Fields of a pod spec that name the identity, the runtime class and the priority of its pods. */
export const POD_NAMES = ['serviceAccountName', 'runtimeClassName', 'priorityClassName'] as const;
type PodName = (typeof POD_NAMES)[number];

/** The kind of node affinity that keeps pods off a node. */
export const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const AFFINITY = ['nodeAffinity', 'podAffinity', 'podAntiAffinity'];

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

/** Reads where the pods of a pod spec may run, and with which settings. */
export function readScheduling(raw: unknown, field: string): Scheduling {
  return {
    nodeSelectorField: `${field}.nodeSelector`,
    nodeSelector: asObject(property(raw, 'nodeSelector')) ?? NO_SELECTOR,
    tolerationsField: `${field}.tolerations`,
    tolerations: asList(property(raw, 'tolerations')),
    field,
    affinity: readAffinity(property(raw, 'affinity')),
    nodeSelectorTerms: readTerms(at(raw, 'affinity', 'nodeAffinity', REQUIRED)),
    imagePullSecrets: readSecrets(asList(property(raw, 'imagePullSecrets'))),
    volumes: readVolumes(asList(property(raw, 'volumes'))),
    names: {
      serviceAccountName: nonEmpty(property(raw, 'serviceAccountName')),
      runtimeClassName: nonEmpty(property(raw, 'runtimeClassName')),
      priorityClassName: nonEmpty(property(raw, 'priorityClassName')),
    },
  };
}

function readAffinity(affinity: unknown): readonly string[] {
  return isGiven(affinity) ? AFFINITY.filter((part) => isGiven(property(affinity, part))) : NO_NAMES;
}

function readTerms(required: unknown): readonly unknown[] | null {
  return isGiven(required) ? asList(property(required, 'nodeSelectorTerms')) : null;
}

function readSecrets(secrets: readonly unknown[]): readonly string[] {
  return secrets.length === 0
    ? NO_NAMES
    : secrets.flatMap((secret) => nonEmpty(property(secret, 'name')) ?? []);
}

function readVolumes(volumes: readonly unknown[]): ReadonlyMap<string, boolean> {
  if (volumes.length === 0) return NO_VOLUMES;
  return new Map(
    volumes.flatMap((volume) => {
      const name = nonEmpty(property(volume, 'name'));
      return name === null ? [] : [[name, at(volume, 'emptyDir', 'medium') === 'Memory'] as const];
    }),
  );
}

/**
 * The scheduling of a pod as KServe merges it. The service's keys and names win. Tolerations and the terms of a node
 * affinity have no merge key, so the service's list replaces the runtime's.
 */
export function mergeScheduling(ofRuntime: Scheduling | undefined, own: Scheduling): Scheduling {
  if (ofRuntime === undefined) return own;
  return {
    ...own,
    nodeSelector: { ...ofRuntime.nodeSelector, ...own.nodeSelector },
    tolerations: own.tolerations.length > 0 ? own.tolerations : ofRuntime.tolerations,
    affinity: mergedNames(ofRuntime.affinity, own.affinity),
    nodeSelectorTerms: own.nodeSelectorTerms ?? ofRuntime.nodeSelectorTerms,
    imagePullSecrets: mergedNames(ofRuntime.imagePullSecrets, own.imagePullSecrets),
    volumes: own.volumes.size === 0 ? ofRuntime.volumes : new Map([...ofRuntime.volumes, ...own.volumes]),
  };
}

function mergedNames(ofRuntime: readonly string[], own: readonly string[]): readonly string[] {
  return own.length === 0 ? ofRuntime : [...new Set([...ofRuntime, ...own])];
}
