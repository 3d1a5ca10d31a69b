/** What `headcount page` adds to the page that it serves: the runtimes and claims of --catalog or of a cluster. */
import { asList, asString, property } from '../../lib/json.ts';
import type { KServeVersion } from '../../kserve/installed.ts';
import { versionNamed } from './state.ts';

export interface Preloaded {
  /** Where they come from, for people; '' for none. */
  readonly from: string;
  readonly objects: readonly unknown[];
  /** The release of KServe that runs there; auto where it is not known. */
  readonly version: KServeVersion;
}

/** @param text the page's data block; '' in the static page */
export function preloadedIn(text: string): Preloaded {
  const value: unknown = text.trim() === '' ? null : JSON.parse(text);
  return {
    from: asString(property(value, 'from')) ?? '',
    objects: asList(property(value, 'objects')),
    version: versionNamed(asString(property(value, 'version')) ?? ''),
  };
}
