/** What every picture of a plan says of its forecast in words. */
import type { Fit } from '../../fit/forecast.ts';
import { NOT_MODELLED } from '../../fit/not-modelled.ts';
import type { Outcome, PlacedPod } from '../../fit/placing.ts';
import type { Ground } from '../../fit/stock.ts';
import { visibleLine } from '../../lib/text.ts';
import { count } from '../shared/finding-text.ts';
import { rolls, type Change } from './report.ts';

/** Nodes that are named for one role. */
const MOST_NODES = 4;

/**
 * @param change from an earlier version, null where there is none
 * @returns a line that both fit, or a line for each; none without --fit, and where nothing runs
 */
export function fitLines(fit: Fit | null, change: Change | null = null): readonly string[] {
  if (fit === null || fit.now.pods.length === 0) return [];
  const { queue } = fit;
  const lines = rolls(change) ? nowAndPeak(fit) : [outcomeText('now', fit.now)];
  const queued =
    queue === null ? [] : [`Kueue's queue ${queue} decides when the pods start, whatever room there is`];
  return [...lines, ...queued].map(visibleLine);
}

function nowAndPeak({ now, peak }: Fit): readonly string[] {
  return now.fits && peak.fits
    ? [`fits now and ${AT_PEAK}`]
    : [outcomeText('now', now), outcomeText(AT_PEAK, peak)];
}

/** Is it a line that says that pods wait, or may wait? */
export function isShortage(line: string): boolean {
  return line.startsWith(SHORT) || line.startsWith(UNSURE);
}

const SHORT = 'does not fit';
const UNSURE = 'may not fit';
const AT_PEAK = 'at the peak of a roll-out';

function outcomeText(when: string, outcome: Outcome): string {
  if (outcome.fits) return `fits ${when}`;
  const says = outcome.answer === 'no' ? SHORT : UNSURE;
  const waiting = waitingTexts(outcome);
  const choice = choiceText(outcome);
  const why = [...waiting, ...(choice === null ? [] : [choice])];
  return why.length === 0 ? `${says} ${when}, since it ${says} now` : [`${says} ${when}`, ...why].join('; ');
}

/** @returns what another choice of kube-scheduler leads to; null where it leads to nothing else */
function choiceText({ answer, pods, otherwise }: Outcome): string | null {
  if (answer !== 'depends' || pods.length === 0) return null;
  if (otherwise !== null) {
    return otherwise.fits
      ? `with the head on ${otherwise.head} it would fit`
      : `with the head on ${otherwise.head}, which kube-scheduler may choose as well, a worker waits`;
  }
  const other = pods.every(({ node }) => node !== null) ? 'one may wait' : 'all may have room';
  return `${other} where the pods come in another order or get other nodes`;
}

/** @returns for each reason a sentence with the pods that wait for it */
function waitingTexts({ pods }: Outcome): readonly string[] {
  const waiting = pods.filter(({ node }) => node === null);
  const byReason = Map.groupBy(waiting, ({ waitsFor }) => waitsFor ?? '');
  return [...byReason].map(([reason, those]) => {
    const verb = those.length === 1 ? 'waits' : 'wait';
    return `${rolesText(those, pods)} ${verb}: ${reason}`;
  });
}

/** @returns such as `the head and 2 of 3 workers` */
function rolesText(waiting: readonly PlacedPod[], all: readonly PlacedPod[]): string {
  const of = (pods: readonly PlacedPod[], role: PlacedPod['role']): number =>
    pods.filter((pod) => pod.role === role).length;
  return (['head', 'worker'] as const)
    .filter((role) => of(waiting, role) > 0)
    .map((role) => roleText(role, of(waiting, role), of(all, role)))
    .join(' and ');
}

function roleText(role: PlacedPod['role'], waiting: number, all: number): string {
  if (waiting < all) return `${waiting} of ${all} ${role}s`;
  return all === 1 ? `the ${role}` : `all ${all} ${role}s`;
}

/** @returns where the pods of a role are now, such as `on a (2), b; 1 waits`; '' where that is not known */
export function placesText(fit: Fit | null, role: PlacedPod['role']): string {
  const pods = fit?.now.pods.filter((pod) => pod.role === role) ?? [];
  const waiting = pods.filter(({ node }) => node === null).length;
  const byNode = [
    ...Map.groupBy(
      pods.flatMap(({ node }) => node ?? []),
      (node) => node,
    ).values(),
  ];
  const named = byNode
    .slice(0, MOST_NODES)
    .map((those) => `${those[0]}${those.length > 1 ? ` (${those.length})` : ''}`);
  const more = byNode.length - named.length;
  return visibleLine(
    [
      ...(named.length > 0
        ? [`on ${named.join(', ')}${more > 0 ? ` and ${count(more, 'node')} more` : ''}`]
        : []),
      ...(waiting > 0 ? [waitingText(waiting, pods.length)] : []),
    ].join('; '),
  );
}

function waitingText(waiting: number, all: number): string {
  if (all === 1) return WAITING;
  return waiting === all ? 'all wait' : `${waiting} ${waiting === 1 ? WAITING : 'wait'}`;
}

/**
 * @param index of the pod among those of its role
 * @returns the name of the pod's node now, or that it waits; null where nothing is known
 */
export function placeOf(fit: Fit | null, role: PlacedPod['role'], index: number): string | null {
  const pod = fit?.now.pods.filter((one) => one.role === role)[index];
  if (pod === undefined) return null;
  return pod.node === null ? WAITING : visibleLine(pod.node);
}

/** In place of a node's name. */
export const WAITING = 'waits';

/** @returns on what the forecasts were made, and what they leave out; none without --fit */
export function groundLines(ground: Ground | null): readonly string[] {
  if (ground === null) return [];
  const { nodes, pods, quotas } = ground;
  return [
    `Fit is a forecast on ${count(nodes, 'node')}, ${count(pods, 'pod')} and ${count(quotas, 'quota')}.`,
    `It leaves out: ${NOT_MODELLED.join('; ')}.`,
  ];
}
