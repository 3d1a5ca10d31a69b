/** The audit as one self-contained page, which opens from disk and needs no server. */
import type { Assessment } from '../../admission/assess.ts';
import type { ReleaseInForce } from '../../kserve/installed.ts';
import { pageFile, withData } from '../page-files.ts';
import { pageData } from './page-data.ts';

/** @throws Refusal where the page has not been built */
export async function html(assessments: readonly Assessment[], release: ReleaseInForce): Promise<string> {
  return withData(await pageFile('audit.html'), 'audit', pageData(assessments, release));
}
