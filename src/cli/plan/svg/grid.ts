/**
 * The pods as boxes with a cell for each GPU. A tensor parallel group is a band across the pods that it spans.
 * Pipeline stages go from top to bottom, and continue in the next column.
 */
import { borderOf, frames, frameWidth } from './frames.ts';
import { rowsOf, type DrawnPlan, type Gpu, type Pod, type Row } from './pods.ts';
import { placed, rect, text, textWidth, type Block } from './shapes.ts';

const CELL = 24;
const CELL_GAP = 4;
/** How far a band reaches beyond its cells. */
const BAND = 2;
const LINE = CELL + 2 * BAND + CELL_GAP;
const PADDING = 8;
const NAME = 16;
const POD_GAP = 10;
const ROW_GAP = 12;
const COLUMN_GAP = 32;
/** Pixels: the widest row of pods, and the widest sum of all columns. */
const WIDEST_ROW = 900;
const WIDEST = 1200;
/** A column that gets higher than this is broken in two where there is room. */
const HIGHEST = 420;

export function grid(plan: DrawnPlan, pods: readonly Pod[]): Block {
  const rows = rowsOf(pods, plan, rowWidth, WIDEST_ROW).map(drawn);
  const labels = plan.pipelineParallelSize > 1 ? rows.flatMap((row) => row.labels) : [];
  const gutter = Math.max(0, ...labels.map(({ words }) => textWidth(words, 'label') + 8));
  return inColumns(rows.map((row) => withLabels(row, gutter)));
}

/** @param gutter room for the labels; 0 where none are shown */
function withLabels({ block, labels }: DrawnRow, gutter: number): Block {
  if (gutter === 0) return block;
  const xml = labels.map(({ y, words }) => text(0, y, 'label', words)).join('');
  return { xml: xml + placed(block, gutter, 0), width: gutter + block.width, height: block.height };
}

function inColumns(rows: readonly Block[]): Block {
  const width = Math.max(...rows.map((row) => row.width));
  const total = rows.reduce((sum, { height }) => sum + height + ROW_GAP, 0);
  const room = Math.max(1, Math.floor((WIDEST + COLUMN_GAP) / (width + COLUMN_GAP)));
  const columns = Math.min(room, rows.length, Math.ceil(total / HIGHEST));
  const each = Math.ceil(rows.length / columns);
  const parts: string[] = [];
  let [x, y, height] = [0, 0, 0];
  for (const [index, row] of rows.entries()) {
    if (index > 0 && index % each === 0) [x, y] = [x + width + COLUMN_GAP, 0];
    parts.push(placed(row, x, y));
    height = Math.max(height, y + row.height);
    y += row.height + ROW_GAP;
  }
  return { xml: parts.join(''), width: x + width, height };
}

/** @returns the name of a pod, or the short one where its box is too narrow. */
export function nameOn(pod: Pod): string {
  return textWidth(pod.name, 'label') <= podWidth(pod) - PADDING ? pod.name : pod.shortName;
}

function podWidth({ lines }: Pod): number {
  const cells = Math.max(...lines.map((line) => line.length));
  return cells * (CELL + CELL_GAP) - CELL_GAP + 2 * PADDING;
}

function rowWidth(row: Row): number {
  return row.reduce((sum, pod) => sum + slotWidth(pod) + POD_GAP, 2 * borderOf(row).side - POD_GAP);
}

/** A pod with the name of its node above it. */
function slotWidth(pod: Pod): number {
  return Math.max(podWidth(pod), frameWidth(pod));
}

/** A GPU and where its cell is. */
interface Cell {
  readonly gpu: Gpu;
  readonly pod: Pod;
  readonly line: number;
  readonly x: number;
  readonly y: number;
}

interface DrawnRow {
  readonly block: Block;
  /** To the left of it. */
  readonly labels: readonly { readonly y: number; readonly words: string }[];
}

function drawn(row: Row): DrawnRow {
  const { side, top, bottom } = borderOf(row);
  const boxes: string[] = [];
  const slots: { readonly pod: Pod; readonly x: number; readonly width: number }[] = [];
  const cells: Cell[] = [];
  let [left, height] = [side, 0];
  for (const pod of row) {
    const width = podWidth(pod);
    const podHeight = NAME + pod.lines.length * LINE + PADDING - CELL_GAP;
    const box = { x: left, y: top, width, height: podHeight };
    slots.push({ pod, x: left, width: slotWidth(pod) });
    const name = nameOn(pod);
    boxes.push(
      rect(box, pod.role, titleOf(pod), 6),
      text(left + width / 2, top + 12, 'label', name, 'middle'),
    );
    for (const [line, gpus] of pod.lines.entries()) {
      for (const [index, gpu] of gpus.entries()) {
        const x = left + PADDING + index * (CELL + CELL_GAP);
        cells.push({ gpu, pod, line, x, y: top + NAME + BAND + line * LINE });
      }
    }
    left += slotWidth(pod) + POD_GAP;
    height = Math.max(height, top + podHeight + bottom);
  }
  const xml = [...frames(slots, height), ...boxes, ...bands(cells), ...cells.map(cellOf)].join('');
  return { block: { xml, width: left - POD_GAP + side, height }, labels: labelsOf(cells) };
}

function titleOf({ name, gpus, stages }: Pod): string {
  return `${name}: ${gpus === 1 ? '1 GPU' : `${gpus} GPUs`}${stages === '' ? '' : `, ${stages}`}`;
}

function cellOf({ gpu: { stage, rank }, x, y }: Cell): string {
  const box = { x, y, width: CELL, height: CELL };
  if (stage === null) return rect(box, 'gpu idle', 'idle');
  return (
    rect(box, `gpu ${shade(stage)}`, `stage ${stage}, tensor parallel rank ${rank}`) +
    text(x + CELL / 2, y + 16, 'rank', String(rank), 'middle')
  );
}

/** Two colours in turn are enough to tell a stage from the next. */
function shade(stage: number): string {
  return stage % 2 === 0 ? 'even' : 'odd';
}

/** One strip for each stage on each line, from its first cell there to its last. */
function bands(cells: readonly Cell[]): readonly string[] {
  const strips = new Map<string, Cell[]>();
  for (const cell of cells) {
    if (cell.gpu.stage === null) continue;
    const key = `${cell.line} ${cell.gpu.stage}`;
    strips.set(key, [...(strips.get(key) ?? []), cell]);
  }
  return [...strips.values()].map((strip) => {
    const [first, last] = [strip[0], strip.at(-1)];
    if (first === undefined || last === undefined) return '';
    const box = {
      x: first.x - BAND,
      y: first.y - BAND,
      width: last.x - first.x + CELL + 2 * BAND,
      height: CELL + 2 * BAND,
    };
    return rect(box, `band ${shade(first.gpu.stage ?? 0)}`, '', 5);
  });
}

/** The stages of each line. */
function labelsOf(cells: readonly Cell[]): DrawnRow['labels'] {
  const count = Math.max(...cells.map(({ line }) => line)) + 1;
  return Array.from({ length: count }, (_, line) => {
    const here = cells.filter((cell) => cell.line === line);
    const stages = here.flatMap(({ gpu }) => (gpu.stage === null ? [] : [gpu.stage]));
    const [from, to] = [stages[0], stages.at(-1)];
    const words = from === to ? `stage ${from}` : `stages ${from}-${to}`;
    return { y: (here[0]?.y ?? 0) + 16, words: from === undefined ? 'idle' : words };
  });
}
