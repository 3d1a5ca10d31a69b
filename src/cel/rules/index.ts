/** What the policy has of each rule, in the order of src/rules. */
import { RULE_IDS } from '../../rules/index.ts';
import type { CelRule } from '../rule.ts';
import { rule as autoscalerClass } from './autoscaler-class.ts';
import { rule as canary } from './canary.ts';
import { rule as deploymentMode } from './deployment-mode.ts';
import { rule as gpuResource } from './gpu-resource.ts';
import { rule as gpuTypeMix } from './gpu-type-mix.ts';
import { rule as headReplicas } from './head-replicas.ts';
import { leftOut } from './left-out.ts';
import { rule as merge } from './merge.ts';
import { rule as nameLength } from './name-length.ts';
import { rule as parallelSizeEnv } from './parallel-size-env.ts';
import { rule as parallelSize } from './parallel-size.ts';
import { rule as reservedEnv } from './reserved-env.ts';
import { rule as runtime } from './runtime.ts';
import { rule as storageUri } from './storage-uri.ts';
import { rule as workerContainer } from './worker-container.ts';

export const CEL_RULES: readonly CelRule[] = [
  parallelSizeEnv,
  parallelSize,
  storageUri,
  gpuResource,
  gpuTypeMix,
  autoscalerClass,
  deploymentMode,
  headReplicas,
  runtime,
  workerContainer,
  reservedEnv,
  merge,
  nameLength,
  canary,
  ...leftOut,
].toSorted((a, b) => RULE_IDS.indexOf(a.id) - RULE_IDS.indexOf(b.id));
