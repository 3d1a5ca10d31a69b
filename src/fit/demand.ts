/** A pod that looks for a node: what it requests, and which nodes it may take. */
import type { PodTemplate } from '../kserve/pod-templates.ts';
import { readNodeChoice, type NodeChoice } from './node-affinity.ts';
import { readPod, type Pod } from './pod.ts';
import { readTolerations, type Tolerations } from './tolerations.ts';

export interface Demand {
  readonly role: PodTemplate['role'];
  readonly replicas: number;
  /** One of the pods, which are all alike. */
  readonly pod: Pod;
  readonly choice: NodeChoice;
  readonly tolerations: Tolerations;
}

export function readDemand({ role, replicas, spec }: PodTemplate, namespace: string): Demand {
  return {
    role,
    replicas,
    pod: readPod({ metadata: { namespace }, spec }),
    choice: readNodeChoice(spec),
    tolerations: readTolerations(spec),
  };
}
