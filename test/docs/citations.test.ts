/**
 * What comments cite is in the repository: a page that exists, and in it the section that is named.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { read, ROOT } from './pages.ts';

const sources = ['src', 'test', 'packaging', 'bench', 'demo'].flatMap((root) =>
  readdirSync(join(ROOT, root), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(root, name)),
);

/** The text of a file's comments, each on one line. */
function comments(text: string): readonly string[] {
  const found = text.match(/\/\*[^]*?\*\/|(^|\s)\/\/.*$/gm) ?? [];
  return found.map((comment) => comment.replaceAll(/\s*\n\s*\*?\s*/g, ' '));
}

function headings(page: string): readonly string[] {
  const prose = read(page).replaceAll(/^```[^]*?^```$/gm, '');
  return [...prose.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading.replaceAll('`', ''));
}

interface Citation {
  readonly file: string;
  readonly page: string;
  /** What follows the page, where that is a comma. */
  readonly after: string | null;
}

const citations: readonly Citation[] = sources.flatMap((file) =>
  comments(readFileSync(join(ROOT, file), 'utf8')).flatMap((comment) =>
    [...comment.matchAll(/([\w./-]+\.md)\b(, (?=[A-Z]))?/g)].map(
      ({ index, 0: all, 1: page = '', 2: comma }) => ({
        file,
        page,
        after: comma === undefined ? null : comment.slice(index + all.length),
      }),
    ),
  ),
);

test('comments cite pages by section', () => {
  expect(citations.filter(({ after }) => after !== null).length).toBeGreaterThan(20);
});

test('every page that a comment cites is in the repository', () => {
  expect(citations.filter(({ page }) => !existsSync(join(ROOT, page)))).toEqual([]);
});

test('every section that a comment cites is in its page', () => {
  const wrong = citations.filter(
    ({ page, after }) =>
      after !== null &&
      existsSync(join(ROOT, page)) &&
      !headings(page).some((heading) => after.startsWith(heading)),
  );
  expect(wrong).toEqual([]);
});
