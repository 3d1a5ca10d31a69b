/** Frames around pods that share a node, where it is known which node they go to. */
import { plain } from '../../../lib/text.ts';
import { WAITING } from '../../planned/fit-words.ts';
import type { Pod, Row } from './pods.ts';
import { rect, text, textWidth } from './shapes.ts';

/** How far a frame reaches beyond its pods. */
const MARGIN = 4;
const NAME = 18;
const LONGEST_NAME = 28;

/** Room to the left of a row and to its right, above it and below it. */
export interface Border {
  readonly side: number;
  readonly top: number;
  readonly bottom: number;
}

/** @returns the room that the row's frames take beyond its pods */
export function borderOf(row: Row): Border {
  return row.some(({ place }) => place !== null)
    ? { side: MARGIN, top: NAME, bottom: MARGIN }
    : { side: 0, top: 0, bottom: 0 };
}

/** @returns the least width of a pod whose frame has room for the node's name */
export function frameWidth({ place }: Pod): number {
  return place === null ? 0 : textWidth(nameOf(place), 'label');
}

/** A pod's place in its row. */
interface Slot {
  readonly pod: Pod;
  readonly x: number;
  readonly width: number;
}

/** @returns a frame for each run of pods on the same node */
export function frames(slots: readonly Slot[], height: number): readonly string[] {
  const drawn: string[] = [];
  let first = 0;
  for (const [index, { pod, x, width }] of slots.entries()) {
    if (slots[index + 1]?.pod.place === pod.place) continue;
    const start = slots[first];
    first = index + 1;
    if (pod.place === null || start === undefined) continue;
    const box = { x: start.x - MARGIN, y: 0, width: x + width - start.x + 2 * MARGIN, height };
    const style = pod.place === WAITING ? 'frame waits' : 'frame';
    const title = pod.place === WAITING ? 'no node has room' : `node ${pod.place}`;
    drawn.push(rect(box, style, title, 8), text(start.x, 12, 'label', nameOf(pod.place)));
  }
  return drawn;
}

function nameOf(place: string): string {
  return plain(place, LONGEST_NAME);
}
