/** Pods of a forecast that are placed already, but that kube-scheduler may put on other nodes. */
import { merged, type Alike } from './alike.ts';
import { greatest } from './amounts.ts';

/** More kinds than these are taken for one. */
const MOST_KINDS = 32;

/** @returns the same pods as few kinds, so that the work for many services stays in proportion to them */
export function together(groups: readonly Alike[]): readonly Alike[] {
  const kinds = merged(groups);
  return kinds.length > MOST_KINDS
    ? [...kinds.slice(0, MOST_KINDS - 1), asOne(kinds.slice(MOST_KINDS - 1))]
    : kinds;
}

/** As many pods, each as large as the largest, on any of their nodes. */
function asOne(kinds: readonly Alike[]): Alike {
  return {
    requests: greatest(...kinds.map(({ requests }) => requests)),
    nodes: new Set(kinds.flatMap(({ nodes }) => [...nodes])),
    atLeast: 0,
    atMost: kinds.reduce((sum, { atMost }) => sum + atMost, 0),
  };
}
