/** Taints of nodes and tolerations of pods (read: k8s.io/api v0.36.3, core/v1/toleration.go, ToleratesTaint). */
import { asList, asString, property } from '../lib/json.ts';
import type { Node, Taint } from './node.ts';

interface Toleration {
  /** '' matches every key. */
  readonly key: string;
  readonly operator: string;
  readonly value: string;
  /** '' matches every effect. */
  readonly effect: string;
}

export type Tolerations = readonly Toleration[];

/** @param spec of a pod */
export function readTolerations(spec: unknown): Tolerations {
  return asList(property(spec, 'tolerations')).map((raw) => {
    const text = (key: string): string => asString(property(raw, key)) ?? '';
    return { key: text('key'), operator: text('operator'), value: text('value'), effect: text('effect') };
  });
}

/** PreferNoSchedule keeps no pod away. */
const KEEPING = ['NoSchedule', 'NoExecute'];

/** The taint that kube-scheduler takes a cordoned node to have. */
const CORDONED: Taint = { key: 'node.kubernetes.io/unschedulable', value: '', effect: 'NoSchedule' };

/** @returns does a pod with these tolerations keep away from a node that is cordoned? */
export function isCordonedFor({ unschedulable }: Node, tolerations: Tolerations): boolean {
  return unschedulable && !isTolerated(CORDONED, tolerations);
}

/** @returns the first taint that keeps a pod with these tolerations away; null for none */
export function untolerated({ taints }: Node, tolerations: Tolerations): Taint | null {
  return taints.find((taint) => KEEPING.includes(taint.effect) && !isTolerated(taint, tolerations)) ?? null;
}

function isTolerated(taint: Taint, tolerations: Tolerations): boolean {
  return tolerations.some(({ key, operator, value, effect }) => {
    if (effect !== '' && effect !== taint.effect) return false;
    if (key !== '' && key !== taint.key) return false;
    if (operator === 'Exists') return true;
    return (operator === '' || operator === 'Equal') && value === taint.value;
  });
}
