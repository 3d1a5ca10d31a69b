/** The fields that headcount reads, as paths: the short form, for CI, fills these alone. */
import type { Field } from './schema.ts';

const METADATA = /^metadata\.(name|generateName|labels|annotations.*|managedFields|finalizers)$/;
const SCHEDULING =
  /(nodeSelector|tolerations|tolerations\[\]\.key|volumes|imagePullSecrets|serviceAccountName)$/.source;
const RESOURCES = /resources\.(requests|limits)(\{\})?$/.source;
const CONTAINER =
  /(name|image|(args|command)(\[\])?|env|env\[\]\.(name|value)|envFrom|startupProbe\.exec\.command)$/.source;

const SERVICE: readonly RegExp[] = [
  METADATA,
  new RegExp(`^spec\\.predictor\\.(workerSpec\\.)?(${SCHEDULING}|${RESOURCES})`),
  new RegExp(`^spec\\.predictor\\.(model|workerSpec\\.containers\\[\\])\\.(${CONTAINER}|${RESOURCES})`),
  new RegExp(`^spec\\.predictor\\.(containers|initContainers)\\[\\]\\.(env|args|${RESOURCES})$`),
  /^spec\.predictor\.(workerSpec\.)?(containers|initContainers)$/,
  /^spec\.predictor\.model\.(runtime|runtimeVersion|storageUri|protocolVersion|modelFormat\.(name|version))$/,
  /^spec\.predictor\.model\.storage\.(key|parameters)$/,
  /^spec\.predictor\.huggingface\.(args\[\]|env|storageUri)$/,
  /^spec\.predictor\.(name|annotations|labels|storageUris|scaleMetric|autoScaling\.metrics|deploymentStrategy\.type)$/,
  /^spec\.canary$/,
];

const RUNTIME: readonly RegExp[] = [
  /^metadata\.(name|annotations)$/,
  new RegExp(`^spec\\.(workerSpec\\.)?(${SCHEDULING})`),
  new RegExp(`^spec\\.(workerSpec\\.)?containers\\[\\]\\.(${CONTAINER}|${RESOURCES})`),
  /^spec\.(workerSpec\.)?(containers|initContainers)$/,
  /^spec\.(supportedModelFormats(\[\]\.(name|version))?|protocolVersions(\[\])?|annotations|labels)$/,
];

/** Is the field read by a rule, the planner or the mutation? Of the two kinds of runtimes, one stands for both. */
export function isRead({ kind, path }: Field): boolean {
  if (kind === 'ClusterServingRuntime') return false;
  return (kind === 'InferenceService' ? SERVICE : RUNTIME).some((pattern) => pattern.test(path));
}

const SECOND =
  /requests|Probe|workerSpec|initContainers|predictor\.containers|predictor\.resources|huggingface|^metadata\.(name|generateName)/;

/** Is it read by the same code as another one? */
export function isSecond({ path }: Field): boolean {
  return SECOND.test(path);
}
