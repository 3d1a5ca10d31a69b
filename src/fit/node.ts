/** A Node of any shape, read into what kube-scheduler's filters ask for. */
import { asList, asString, at, property } from '../lib/json.ts';
import { readAmounts, rounded, type Amounts } from './amounts.ts';
import { readLabels, type Labels } from '../lib/labels.ts';

export interface Taint {
  readonly key: string;
  readonly value: string;
  readonly effect: string;
}

export interface Node {
  readonly name: string;
  readonly labels: Labels;
  readonly taints: readonly Taint[];
  /** Was it cordoned? */
  readonly unschedulable: boolean;
  /** What its pods may request together, `pods` among it. */
  readonly allocatable: Amounts;
}

export function readNode(object: unknown): Node {
  return {
    name: asString(at(object, 'metadata', 'name')) ?? '',
    labels: readLabels(object),
    taints: asList(at(object, 'spec', 'taints')).map(readTaint),
    unschedulable: at(object, 'spec', 'unschedulable') === true,
    allocatable: rounded(
      readAmounts(at(object, 'status', 'allocatable') ?? at(object, 'status', 'capacity')),
    ),
  };
}

function readTaint(raw: unknown): Taint {
  const text = (key: string): string => asString(property(raw, key)) ?? '';
  return { key: text('key'), value: text('value'), effect: text('effect') };
}
