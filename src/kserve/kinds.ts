/** The kinds of KServe's API, and the kind that is meant by a misspelt one. */
import { asObject, asString, at, property } from '../lib/json.ts';
import { nearest } from '../lib/nearest.ts';

const GROUP = 'serving.kserve.io/';

/** The kinds that headcount judges, each with the apiVersion that has it. */
export const API_VERSIONS = {
  InferenceService: `${GROUP}v1beta1`,
  ServingRuntime: `${GROUP}v1alpha1`,
  ClusterServingRuntime: `${GROUP}v1alpha1`,
} as const;
export type JudgedKind = keyof typeof API_VERSIONS;

/** KServe's other kinds, some of which are spelled nearly like a judged one. */
const OTHERS = [
  'ClusterStorageContainer',
  'InferenceGraph',
  'LLMInferenceService',
  'LLMInferenceServiceConfig',
  'LocalModelCache',
  'LocalModelNamespaceCache',
  'LocalModelNode',
  'LocalModelNodeGroup',
  'TrainedModel',
];

/** Is the object of KServe's API, in whatever version? */
export function isOfKServe(object: unknown): boolean {
  return asString(property(object, 'apiVersion'))?.startsWith(GROUP) === true;
}

/**
 * @returns the kind of an object, also where its kind is misspelt or missing, or where its apiVersion is of another group;
 *   null for all other objects
 */
export function meantKind(object: unknown): JudgedKind | null {
  const kind = asString(property(object, 'kind'));
  if (isJudged(kind)) return kind;
  if (!isOfKServe(object)) return null;
  if (kind === null) return asObject(at(object, 'spec', 'predictor')) === null ? null : 'InferenceService';
  const meant = OTHERS.includes(kind) ? null : nearest(kind, [...Object.keys(API_VERSIONS), ...OTHERS]);
  return isJudged(meant) ? meant : null;
}

function isJudged(kind: string | null): kind is JudgedKind {
  return kind !== null && Object.hasOwn(API_VERSIONS, kind);
}
