/** What standard error says of the input that was not judged. */
import { visible, visibleLine } from '../../lib/text.ts';
import type { LeftOut, Patch } from './items.ts';
import { Refusal } from './refusal.ts';
import type { Program, Streams } from './streams.ts';
import type { UnreadableFile } from './unreadable.ts';

/** The exit code where a file can't be read. */
export const UNREADABLE_INPUT = 2;

/** One line about objects of other kinds; '' where there are none. */
export function skippedLine({ skipped }: LeftOut): string {
  if (skipped === 0) return '';
  return `skipped ${skipped} ${skipped === 1 ? 'object of another kind' : 'objects of other kinds'}\n`;
}

/** A line for each patch. */
export function patchLines({ patches }: LeftOut): string {
  return patches
    .map((patch) => `skipped ${visibleLine(patch.file)}, a kustomize patch: ${visibleLine(wholeOf(patch))}\n`)
    .join('');
}

/** @returns how to judge what a patch becomes a part of. */
function wholeOf({ directory }: Patch): string {
  return `check what it makes, as in kubectl kustomize ${directory} | headcount lint -`;
}

/** One line for each file that can't be read, as an error of the command. */
export function tellUnreadable(
  command: string,
  unreadable: readonly UnreadableFile[],
  { stderr, program }: Pick<Streams, 'stderr' | 'program'>,
): void {
  const who: Program = program ?? 'headcount';
  for (const { message } of unreadable) stderr.write(`${who} ${command}: ${visibleLine(message)}\n`);
}

/**
 * @param source what an error line calls the input
 * @returns a refusal that says what was looked for, and where
 */
export function nothingFound(what: string, source: string, leftOut: LeftOut): Refusal {
  const hint = whatElse(leftOut);
  return new Refusal(`no ${what} found in ${source}${hint === '' ? '' : ` (${hint})`}`);
}

/** Kinds that are named. */
const MOST_KINDS = 5;

function whatElse({ reviews, patches: [patch], kinds }: LeftOut): string {
  if (reviews > 0) return 'it holds an AdmissionReview: see headcount review';
  if (patch !== undefined) return `it holds a kustomize patch: ${wholeOf(patch)}`;
  if (kinds.includes('Kustomization'))
    return 'it holds a Kustomization: check what it makes, as in kubectl kustomize DIRECTORY | headcount lint -';
  if (kinds.length === 0) return '';
  const more = kinds.length > MOST_KINDS ? ', ...' : '';
  return `it holds ${kinds.slice(0, MOST_KINDS).map(visible).join(', ')}${more}`;
}
