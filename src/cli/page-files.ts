/** The built page (npm run page), which the package contains: for the commands that serve it, and that fill it. */
import { readFile } from 'node:fs/promises';
import { Refusal } from './shared/refusal.ts';

export type PageFile = 'index.html' | 'page.css' | 'page.js' | 'editor.js' | 'audit.html';

/**
 * dist/page is two directories up from here, in the sources as in what is built from them.
 * @throws Refusal where it has not been built
 */
export async function pageFile(name: PageFile): Promise<string> {
  try {
    return await readFile(new URL(`../../dist/page/${name}`, import.meta.url), 'utf8');
  } catch {
    throw new Refusal('the page has not been built: npm run page');
  }
}

/**
 * Puts data into the page's data block.
 * @param id of the block, which must be empty
 */
export function withData(page: string, id: string, data: unknown): string {
  const block = `<script type="application/json" id="${id}">`;
  if (!page.includes(`${block}</script>`)) throw new Error(`the page has no empty block ${id}`);
  // No text in it may end the block, or begin a comment.
  const json = JSON.stringify(data).replaceAll('<', '\\u003c');
  return page.replace(block, () => block + json);
}
