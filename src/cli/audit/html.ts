/** The audit as one self-contained page, which opens from disk and needs no server. */
import { pageFile, withData } from '../page-files.ts';
import type { Audited } from './audited.ts';
import { pageData } from './page-data.ts';

/** @throws Refusal where the page has not been built */
export async function html(audited: Audited): Promise<string> {
  return withData(await pageFile('audit.html'), 'audit', pageData(audited));
}
