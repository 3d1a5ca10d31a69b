/**
 * What is kept of a runtime that is held: no more than a RuntimeView asks for, now or later.
 */
import { hasBracedText, TEXT_FIELDS } from '../kserve/container-texts.ts';
import { SERVER_TYPE } from '../kserve/runtime.ts';
import { REQUIRED } from '../kserve/worker.ts';
import { asList, asObject, at, property, type JsonObject } from '../lib/json.ts';

/** The lists of containers in a pod spec. */
export const CONTAINERS = ['containers', 'initContainers'];
export const WORKER_FIELD = 'spec.workerSpec';
const WORDS = ['args', 'command'];
/** KServe executes the whole container of the head as a template, so fields with `{{` are kept as they are. */
export function wordsOf(container: unknown): JsonObject {
  const braced = TEXT_FIELDS.filter((key) => hasBracedText(property(container, key)));
  return pick(container, [...WORDS, ...braced]);
}

const CONTAINER = ['name', 'image', 'resources', 'env', 'envFrom'];
const PROBES = ['startupProbe', 'livenessProbe', 'readinessProbe'];
/** Without a template no rule reads what a probe runs, and it is often a long script. */
const PROBE = ['initialDelaySeconds', 'periodSeconds', 'failureThreshold'];
/** For these kinds, the rules only ask whether the probe has them. */
const PROBE_KINDS = ['exec', 'httpGet', 'tcpSocket', 'grpc'];
const POD = ['nodeSelector', 'tolerations'];
const WORKER = ['tensorParallelSize', 'pipelineParallelSize', 'annotations'];
const RUNTIME = ['disabled', 'multiModel', 'supportedModelFormats', 'protocolVersions', 'annotations'];
export const METADATA = ['name', 'namespace', 'creationTimestamp'];

/**
 * @param withWords are the args and the command of the container at this field kept?
 * @returns a runtime with no more than a RuntimeView reads, directly or later
 */
export function trimmed(object: unknown, withWords: (field: string) => boolean): JsonObject {
  const spec = property(object, 'spec');
  const worker = asObject(property(spec, 'workerSpec'));
  const podOf = (pod: unknown, keys: readonly string[], path: string): JsonObject => ({
    ...pick(pod, [...keys, ...POD]),
    ...trimmedScheduling(pod),
    ...Object.fromEntries(
      CONTAINERS.flatMap((key) => {
        const list = property(pod, key);
        if (list === undefined) return [];
        const field = (index: number): string => `${path}.${key}[${index}]`;
        return [[key, asList(list).map((item, index) => trimmedContainer(item, withWords(field(index))))]];
      }),
    ),
  });
  return {
    kind: property(object, 'kind'),
    metadata: trimmedMetadata(property(object, 'metadata')),
    spec: {
      ...podOf(spec, RUNTIME, 'spec'),
      ...(worker && { workerSpec: podOf(worker, WORKER, WORKER_FIELD) }),
    },
  };
}

function trimmedMetadata(metadata: unknown): JsonObject {
  const annotations = pick(property(metadata, 'annotations'), [SERVER_TYPE]);
  return { ...pick(metadata, METADATA), ...(Object.keys(annotations).length > 0 && { annotations }) };
}

function trimmedContainer(container: unknown, withWords: boolean): JsonObject {
  const probes = PROBES.filter((key) => asObject(property(container, key)) !== null);
  return {
    ...pick(container, CONTAINER),
    ...Object.fromEntries(probes.map((key) => [key, trimmedProbe(property(container, key))])),
    ...(withWords && wordsOf(container)),
  };
}

function trimmedProbe(probe: unknown): JsonObject {
  return { ...pick(probe, PROBE), ...given(probe, PROBE_KINDS) };
}

/** @returns of a pod spec only its parts of affinity, the required terms, names of secrets, and memory volumes */
function trimmedScheduling(pod: unknown): JsonObject {
  const affinity = {
    ...given(property(pod, 'affinity'), ['nodeAffinity', 'podAffinity', 'podAntiAffinity']),
    ...requiredAffinity(at(pod, 'affinity', 'nodeAffinity', REQUIRED)),
  };
  const secrets = asList(property(pod, 'imagePullSecrets')).map((secret) => pick(secret, ['name']));
  const volumes = asList(property(pod, 'volumes')).filter(
    (volume) => at(volume, 'emptyDir', 'medium') === 'Memory',
  );
  return {
    ...(Object.keys(affinity).length > 0 && { affinity }),
    ...(secrets.length > 0 && { imagePullSecrets: secrets }),
    ...(volumes.length > 0 && {
      volumes: volumes.map((volume) => ({ ...pick(volume, ['name']), emptyDir: { medium: 'Memory' } })),
    }),
  };
}

function requiredAffinity(required: unknown): JsonObject {
  const terms = { [REQUIRED]: pick(required, ['nodeSelectorTerms']) };
  return asObject(required) === null ? {} : { nodeAffinity: terms };
}

/** @returns an object with an empty object at each of the keys that has a value */
function given(object: unknown, keys: readonly string[]): JsonObject {
  return Object.fromEntries(
    keys.flatMap((key) => ((property(object, key) ?? null) === null ? [] : [[key, {}]])),
  );
}

/** @returns an object with those of the keys that it has */
export function pick(object: unknown, keys: readonly string[]): JsonObject {
  return Object.fromEntries(
    keys.flatMap((key) => (property(object, key) === undefined ? [] : [[key, property(object, key)]])),
  );
}
