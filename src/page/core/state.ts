/** What the page judges. All of it is in the address, so that a link shows the same to everybody. */
import type { KServeVersion } from '../../kserve/installed.ts';
import { RELEASE_NAMES } from '../../kserve/releases.ts';
import { asString, property } from '../../lib/json.ts';

export interface State {
  readonly manifest: string;
  /** Runtimes, claims and the like: what `--catalog` takes. '' for none. */
  readonly catalog: string;
  readonly version: KServeVersion;
  /** The model's config.json; '' for none. */
  readonly modelConfig: string;
  /** As `--gpu-memory` takes it; '' where it is not stated. */
  readonly gpuMemory: string;
}

export const EMPTY: State = { manifest: '', catalog: '', version: 'auto', modelConfig: '', gpuMemory: '' };

export const VERSIONS: readonly KServeVersion[] = ['auto', ...RELEASE_NAMES];

/** @returns the release of this name; auto for any other text. */
export function versionNamed(text: string): KServeVersion {
  return VERSIONS.find((version) => version === text) ?? 'auto';
}

/** @param value any JSON value: a link is written by anybody. What is not understood is left out. */
export function stateFrom(value: unknown): State {
  const text = (key: keyof State): string => asString(property(value, key)) ?? '';
  return {
    manifest: text('manifest'),
    catalog: text('catalog'),
    version: versionNamed(text('version')),
    modelConfig: text('modelConfig'),
    gpuMemory: text('gpuMemory'),
  };
}
