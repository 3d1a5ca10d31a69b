/** A Pod of any shape, read into what a node and the quotas count of it. */
import { asString, at, property } from '../lib/json.ts';
import { ONE_POD, plus, rounded, type Amounts } from './amounts.ts';
import { readCharge, type Charge } from './charge.ts';
import { readLabels, type Labels } from '../lib/labels.ts';
import { podRequests } from './requests.ts';

export interface Pod {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Labels;
  /** The node that it is bound to; null while it waits. */
  readonly node: string | null;
  /** What it takes of a node, the pod itself among it. */
  readonly requests: Amounts;
  /** What quotas count of it. */
  readonly charge: Charge;
}

export function readPod(object: unknown): Pod {
  const text = (...keys: readonly string[]): string | null => asString(at(object, ...keys)) || null;
  return {
    namespace: text('metadata', 'namespace') ?? 'default',
    name: text('metadata', 'name') ?? '',
    labels: readLabels(object),
    node: text('spec', 'nodeName'),
    requests: plus(rounded(podRequests(object)), ONE_POD),
    charge: readCharge(object),
  };
}

/** Has it ended? It then takes nothing any more, neither of a node nor of a quota. */
export function isFinished(object: unknown): boolean {
  const phase = property(property(object, 'status'), 'phase');
  return phase === 'Succeeded' || phase === 'Failed';
}
