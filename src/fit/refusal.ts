/** Why a node is not for a pod, however much room it has. */
import type { Demand } from './demand.ts';
import { isAffine, isSelected } from './node-affinity.ts';
import type { Node } from './node.ts';
import { isCordonedFor, untolerated } from './tolerations.ts';

/** Words for one node, and for several. */
export type Words = readonly [one: string, several: string];

/** @returns what holds of the node; null where the pod may run there */
export function refusalOf(node: Node, { choice, tolerations }: Demand): Words | null {
  if (isCordonedFor(node, tolerations)) return CORDONED;
  if (!isSelected(node, choice)) return NOT_SELECTED;
  if (!isAffine(node, choice)) return NOT_AFFINE;
  const taint = untolerated(node, tolerations);
  if (taint === null) return null;
  const { key, value, effect } = taint;
  const written = `${key}${value === '' ? '' : `=${value}`}:${effect}`;
  return [`has the taint ${written}`, `have the taint ${written}`];
}

const CORDONED: Words = ['is cordoned', 'are cordoned'];
const NOT_SELECTED: Words = ['does not match the nodeSelector', 'do not match the nodeSelector'];
const NOT_AFFINE: Words = ['does not match the node affinity', 'do not match the node affinity'];
