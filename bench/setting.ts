/** What every benchmark of the servers begins with: a directory with a certificate, the review, and its runtimes. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { issueForLocalhost } from '../src/certs/localhost.ts';
import { minimalRuntime, type Loose } from '../test/rules/cases.ts';
import { capturedUpdate, textOf, updateOfSize } from './subject.ts';

/** Of the captured update, and of its stand-in. */
const BYTES = 7_500;

export interface Setting {
  /** With tls.crt and tls.key; whoever asks for it removes it. */
  readonly directory: string;
  /** The captured update as text (textOf), or a stand-in of its size. */
  readonly body: string;
  /** The runtimes that the measured services name. */
  readonly named: readonly Loose[];
  /** Are the captures here? */
  readonly isCaptured: boolean;
}

export async function prepare(): Promise<Setting> {
  const directory = mkdtempSync(join(tmpdir(), 'headcount-bench-'));
  const { cert, key } = await issueForLocalhost(Date.now());
  writeFileSync(join(directory, 'tls.crt'), cert);
  writeFileSync(join(directory, 'tls.key'), key);
  const update = capturedUpdate();
  return {
    directory,
    body: textOf(update?.request ?? updateOfSize(BYTES)),
    named: [minimalRuntime(), ...(update === null ? [] : [update.runtime])],
    isCaptured: update !== null,
  };
}
