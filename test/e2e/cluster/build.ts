/** Builds Go programs once, and keeps them in a cache outside the checkout. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const CACHE = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'headcount', 'e2e');

/**
 * @param parts what the folder is made of; together they are its key
 * @param fill makes its files, where it is not in the cache
 * @returns the folder in the cache
 */
export function kept(name: string, parts: readonly string[], fill: (work: string) => void): string {
  const hash = createHash('sha256');
  for (const part of [...parts, `${process.platform} ${process.arch}`]) hash.update(part);
  const target = join(CACHE, `${name}-${hash.digest('hex').slice(0, 16)}`);
  if (existsSync(target)) return target;
  // Built beside its place and moved there whole: a build that is stopped leaves nothing that looks done.
  mkdirSync(CACHE, { recursive: true });
  const work = mkdtempSync(join(CACHE, '.building-'));
  try {
    fill(work);
    renameSync(work, target);
  } catch (error) {
    rmSync(work, { recursive: true, force: true });
    // Somebody else may have built the same meanwhile.
    if (!existsSync(target)) throw error;
  }
  return target;
}

/** @throws when Go is missing or the build fails */
export function build(what: string, source: string, args: readonly string[]): void {
  const started = Date.now();
  console.error(`building ${what}; cached in ${CACHE} afterwards ...`);
  const run = spawnSync('go', ['build', '-trimpath', ...args], {
    cwd: source,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, CGO_ENABLED: '0' },
  });
  if (run.error) throw new Error(`go can't be run: ${run.error.message}`);
  if (run.status !== 0) throw new Error(`go build of ${what} ended with ${run.status ?? run.signal}`);
  console.error(`built ${what} in ${Math.round((Date.now() - started) / 1000)} s`);
}
