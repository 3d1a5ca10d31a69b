/** The arrows between the folders and files of src, read from the imports, and the diagram of docs/architecture.md. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
/** Static imports and exports, of types too, and dynamic imports, as the formatter writes them. */
const IMPORT = /^(?:import|export)\b[^;]*?'(\.[^']+)';$|\bimport\('(\.[^']+)'\)/gm;

/** An arrow points the way in which data flows: `from` is imported by `to`. Paths are below src. */
export interface Arrow {
  readonly from: string;
  readonly to: string;
}

/** @returns an arrow for each import within src, from file to file */
export function fileArrows(): readonly Arrow[] {
  const src = join(ROOT, 'src');
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.tsx?$/.test(name),
  );
  return files.flatMap((to) =>
    [...readFileSync(join(src, to), 'utf8').matchAll(IMPORT)].map(([, stated, dynamic]) => ({
      from: normalize(join(dirname(to), stated ?? dynamic ?? '')),
      to,
    })),
  );
}

/** @returns the arrows between the groups of files that `groupOf` names, each once, without those within one */
export function arrowsBetween(groupOf: (file: string) => string): readonly Arrow[] {
  const found = new Map<string, Arrow>();
  for (const { from, to } of fileArrows()) {
    const arrow = { from: groupOf(from), to: groupOf(to) };
    if (arrow.from !== arrow.to) found.set(`${arrow.from} ${arrow.to}`, arrow);
  }
  return [...found.values()];
}

/** The folder directly below src; '' for the programs' entries, which lie in src itself. */
export function roomOf(file: string): string {
  return file.includes('/') ? (file.split('/')[0] ?? '') : '';
}

/** @returns what lies on a circle, or leads from one circle to another; nothing where there is no circle */
export function onCircles(arrows: readonly Arrow[]): readonly string[] {
  let left = arrows;
  for (;;) {
    const sources = new Set(left.map(({ from }) => from));
    const targets = new Set(left.map(({ to }) => to));
    const inner = left.filter(({ from, to }) => targets.has(from) && sources.has(to));
    if (inner.length === left.length) return [...sources].toSorted();
    left = inner;
  }
}

/**
 * @param page docs/architecture.md as it stands
 * @returns it with the diagram of the imports, of which those are left out that other arrows make up
 */
export function withDiagram(page: string): string {
  const arrows = arrowsBetween(roomOf).filter(({ to }) => to !== '');
  const lines = arrows
    .filter((arrow) => !reaches(arrow, arrows))
    .map(({ from, to }) => `    ${from} --> ${to}`)
    .toSorted();
  const diagram = ['```mermaid', 'flowchart LR', ...lines, '```'].join('\n');
  return page.replace(/```mermaid\nflowchart LR\n[^]*?```/, () => diagram);
}

/** Do other arrows lead the same way? There must be no circle. */
function reaches({ from, to }: Arrow, arrows: readonly Arrow[]): boolean {
  const others = arrows.filter((other) => other.from === from && other.to !== to);
  return others.some(
    (other) =>
      arrows.some((next) => next.from === other.to && next.to === to) ||
      reaches({ from: other.to, to }, arrows),
  );
}
