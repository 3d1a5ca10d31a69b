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
  {
    kind: /^denied by its sum, and HEAD_SVC: there is no Service/,
    why: 'up to 0.17, a sidecar called worker-container; the service is refused all the same',
  },
];

/** Mismatches that are to be mended. */
export const OPEN: readonly Known[] = [
  {
    kind: /^API server: .*container : the name is no DNS label/,
    why: 'a sidecar without a name: no rule yet',
  },
  {
    kind: /(head|worker): a zero of another GPU type$/,
    why: 'rule gpu-type-mix: a zero is a type',
  },
  {
    kind: /^API server: .*has value and valueFrom/,
    why: 'rule merge: an env given twice in the service, over value and valueFrom of the runtime',
  },
  { kind: /Deployments$/, why: 'rule name-length: predictor.name from 0.20 on' },
];
