/**
 * Mismatches that are known. What is refused by KServe's webhook in the same request needs no rule of ours. The others
 * are open: a line goes as soon as the rule or the mending that it waits for is there.
 */
interface Known {
  /** Matches `kind` of a mismatch. */
  readonly kind: RegExp;
  readonly why: string;
}

/** Mismatches that stay. */
export const ACCEPTED: readonly Known[] = [
  {
    kind: /^webhook: .*InferenceService name must consist of lower case/,
    why: "names are the API server's and KServe's webhook's to refuse, and both do",
  },
];

/** Mismatches that are to be mended. */
export const OPEN: readonly Known[] = [
  {
    kind: /^API server: .*container : the name is no DNS label/,
    why: 'a sidecar without a name: no rule yet',
  },
  {
    kind: /^API server: .*has a request and no limit/,
    why: 'a zero, or a runtime that gives a request alone',
  },
  { kind: /^(head|worker): a zero of another GPU type$/, why: 'rule gpu-type-mix: a zero is a type' },
  { kind: /^model and shorthand both$/, why: 'rule runtime' },
  { kind: /^Deployments$/, why: 'rule name-length: predictor.name from 0.20 on' },
  { kind: /^autoscalers$/, why: 'rule autoscaler-class: predictor.annotations' },
  {
    kind: /unknown autoscaler class type|failed to get existing KEDA/,
    why: 'rule autoscaler-class: predictor.annotations',
  },
  { kind: /unsupported deployment mode for workload/, why: 'rule deployment-mode: predictor.annotations' },
  { kind: /invalid GPU format/, why: 'rule gpu-resource: predictor.annotations' },
  { kind: /^webhook: .*Unknown GPU resource type/, why: 'rule gpu-resource: network resources' },
  { kind: /^error: .*failed creating host name/, why: 'rule name-length: name and namespace' },
  { kind: /^HEAD_SVC: there is no Service/, why: 'rule name-length: names that end in -predictor' },
  { kind: /^panic: .*nil pointer/, why: 'rule autoscaler-class: PodMetric; rule runtime: no workerSpec' },
  { kind: /^error: (no container configuration|failed to find kserve-container)/, why: 'rule runtime' },
  { kind: /^webhook: exactly one of/, why: 'rule runtime: model and shorthand both' },
  { kind: /^webhook: the 'name' field is not allowed/, why: 'a name on the model: no rule yet' },
  { kind: /^webhook: Setting both StorageURI and StorageURIs/, why: 'rule storage-uri' },
  { kind: /^error: must provide only one of storageUri and storage.path/, why: 'rule storage-uri' },
];
