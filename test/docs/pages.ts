/**
 * The Markdown pages as data: their fenced blocks, links and headings. The word after a block's language says how
 * it is held to be true:
 *
 * | block | held by |
 * |---|---|
 * | `console`, `sh` | run in a shell; what it prints is compared, where it is shown |
 * | `console cluster`, `sh cluster` | the same, in front of a real API server with headcount |
 * | `sh ci` | stands in .ci/run |
 * | `sh not-run: why` | nothing, and says why |
 * | `yaml accepted` | lint denies nothing |
 * | `yaml refused: rule rule` | lint denies by exactly these rules |
 * | `yaml config`, `yaml values` | the schema of the configuration, of the chart's values |
 * | `yaml other: whose` | parsed only: it is for another program |
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');

export interface Block {
  readonly page: string;
  /** Of the fence, from 1. */
  readonly line: number;
  readonly language: string;
  /** What follows the language. */
  readonly kind: string;
  readonly text: string;
}

/** @returns every page that people read, from the root; examples of rules are held by explain.test.ts */
export function pages(): readonly string[] {
  const below = (directory: string): readonly string[] =>
    readdirSync(join(ROOT, directory), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(directory, name));
  const top = readdirSync(ROOT).filter((name) => name.endsWith('.md'));
  return [...top, ...below('docs'), ...below('charts')].toSorted();
}

export function read(page: string): string {
  return readFileSync(join(ROOT, page), 'utf8');
}

/** @returns the fenced blocks of a page, in order */
export function blocksOf(page: string): readonly Block[] {
  const text = read(page);
  return [...text.matchAll(/^( *)```(\w+)[ \t]*(.*)\n([^]*?)^\1```$/gm)].map(
    ({ index, 1: indent = '', 2: language = '', 3: kind = '', 4: body = '' }) => ({
      page,
      line: text.slice(0, index).split('\n').length,
      language,
      kind,
      text: indent === '' ? body : body.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    }),
  );
}

/** The text without fenced blocks and inline code, in which nothing is a link or a heading. */
function prose(page: string): string {
  return read(page)
    .replaceAll(/^( *)```[^]*?^\1```$/gm, '')
    .replaceAll(/`[^`\n]*`/g, (code) => code.replaceAll(/[[\]()#]/g, ' '));
}

/** @returns where the links and pictures of a page lead, as written */
export function linksOf(page: string): readonly string[] {
  return [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
}

/** @returns the anchors of a page's headings, as GitHub makes them */
export function anchorsOf(page: string): ReadonlySet<string> {
  const text = read(page).replaceAll(/^( *)```[^]*?^\1```$/gm, '');
  return new Set(
    [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}
