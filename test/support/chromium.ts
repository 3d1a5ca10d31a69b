/** A real Chromium: $CHROMIUM, or one of the PATH. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** @returns its path; null where there is none */
export function chromiumPath(): string | null {
  const stated = process.env['CHROMIUM'];
  if (stated !== undefined) return stated;
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const all = folders.flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return all.find((path) => existsSync(path)) ?? null;
}

export async function launch(): Promise<Browser> {
  const executablePath = chromiumPath();
  if (executablePath === null) throw new Error('there is no Chromium on the PATH nor in $CHROMIUM');
  // As root, as in most containers, Chromium runs only without its sandbox.
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
}
