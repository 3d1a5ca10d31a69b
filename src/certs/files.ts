/**
 * A certificate that someone else keeps in files (cert-manager, a mounted Secret). Watched for a quick
 * reaction and polled as well, because watches get lost on mounted volumes. A pair that fails the
 * check, for example because it is only half written, is ignored, and the old pair stays in use.
 */
import { watch, type FSWatcher } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { poll } from '../lib/poll.ts';
import { expiresIn, problemWith, type CertificateSource, type Pair } from './source.ts';

export interface FilesOptions {
  /** Holds tls.crt and tls.key. */
  readonly directory: string;
  /** The names by which the API server calls; a pair that does not serve them all is not taken. */
  readonly names?: readonly string[];
  /** Milliseconds between two looks at the files. */
  readonly interval?: number;
  readonly now?: () => number;
  /** Called once for each pair that is not taken into use. */
  readonly onRejected?: (problem: string) => void;
}

const INTERVAL = 3_000;
/** A Secret's update touches several files at once: one look after the last of them is enough. */
const SETTLE = 100;

export function certificateFiles(options: FilesOptions): CertificateSource {
  const { directory, names = [], interval = INTERVAL, now = Date.now, onRejected = () => {} } = options;
  const listeners: ((pair: Pair) => void)[] = [];
  let current: Pair | null = null;
  let lastSeen: Pair | null = null;
  let lastProblem: string | null = null;
  let stopPolling = (): void => {};
  let settle: NodeJS.Timeout | undefined;
  let watcher: FSWatcher | undefined;

  function reject(problem: string): void {
    if (problem !== lastProblem) onRejected(problem);
    lastProblem = problem;
  }

  async function look(): Promise<void> {
    let pair: Pair;
    try {
      pair = {
        cert: await readFile(join(directory, 'tls.crt'), 'utf8'),
        key: await readFile(join(directory, 'tls.key'), 'utf8'),
      };
    } catch (error) {
      return reject(`can't read ${(error as NodeJS.ErrnoException).path ?? directory}`);
    }
    if (same(pair, current)) {
      lastProblem = null;
      return;
    }
    if (!same(pair, lastSeen)) lastProblem = null;
    lastSeen = pair;
    const problem = problemWith(pair, now(), names);
    if (problem !== null) return reject(problem);
    const replaced = current !== null;
    current = pair;
    lastProblem = null;
    if (replaced) for (const listener of listeners) listener(pair);
  }

  function watchDirectory(): FSWatcher | undefined {
    try {
      const watching = watch(directory, { persistent: false }, () => {
        clearTimeout(settle);
        settle = setTimeout(() => void look(), SETTLE).unref();
      });
      // The poll goes on without it.
      return watching.on('error', () => watching.close());
    } catch {
      return undefined;
    }
  }

  return {
    async start() {
      await look();
      if (current === null) throw new Error(`no certificate in ${directory}: ${lastProblem}`);
      stopPolling = poll(look, interval);
      watcher = watchDirectory();
      return current;
    },
    current: () => current,
    onChange: (listener) => void listeners.push(listener),
    healthy: () => current !== null && problemWith(current, now()) === null,
    status: () => ({ leafExpires: expiresIn(current, now()), caExpires: null, trusted: null }),
    stop() {
      stopPolling();
      clearTimeout(settle);
      watcher?.close();
    },
  };
}

function same(a: Pair, b: Pair | null): boolean {
  return b !== null && a.cert === b.cert && a.key === b.key;
}
