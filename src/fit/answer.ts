/**
 * Is there room for pods, whatever kube-scheduler chooses? It takes them in the order in which they come, and scores the
 * nodes with room; this says what holds for every order and for every choice.
 */
import { merged, type Alike } from './alike.ts';
import { alwaysFindNodes, isTooLittle } from './bounds.ts';
import { EveryChoice } from './every-choice.ts';
import type { Room } from './room.ts';

/**
 * yes: every order and choice places all pods. no: none does. depends: neither is certain. For one or two kinds of pods
 * there is then an order and a choice for both; for more kinds the answer may be too careful.
 */
export type Answer = 'yes' | 'depends' | 'no';

/**
 * @param room without the pods and their rivals
 * @param rivals other pods whose nodes are not certain
 */
export function answerFor(room: Room, pods: readonly Alike[], rivals: readonly Alike[]): Answer {
  const own = merged(pods);
  const near = rivals.filter(({ nodes }) => own.some((one) => !one.nodes.isDisjointFrom(nodes)));
  const groups = merged([...own, ...near]);
  // Groups of rivals that are alike have been added to ours, which come first.
  const ours = groups.slice(0, own.length);
  const choices = EveryChoice.of(room, groups);
  const mayWait =
    choices === null
      ? ours.some((group) => !alwaysFindNodes(room, group, groups))
      : ours.some((group) => choices.canLeaveOver(group));
  if (!mayWait) return 'yes';
  const canBe = choices?.canPlaceAll() ?? !isImpossible(room, own, groups);
  return canBe ? 'depends' : 'no';
}

function isImpossible(room: Room, own: readonly Alike[], groups: readonly Alike[]): boolean {
  const names = new Set(own.flatMap(({ nodes }) => [...nodes]));
  return (
    EveryChoice.of(room, own)?.canPlaceAll() === false ||
    isTooLittle(
      room,
      groups.filter(({ nodes }) => nodes.isSubsetOf(names)),
    )
  );
}

const ORDER: readonly Answer[] = ['no', 'depends', 'yes'];

/** Of several answers the one that promises least. */
export function least(...answers: readonly Answer[]): Answer {
  return ORDER.find((answer) => answers.includes(answer)) ?? 'yes';
}
