/**
 * The configuration of a running server: read at the start, and again whenever the file has another text. The
 * kubelet updates a mounted ConfigMap by replacing a link. No watch survives that, so this polls. When a text is
 * refused, the last good configuration stays in force.
 */
import { readFile } from 'node:fs/promises';
import { ConfigError, loadConfig } from './load.ts';
import type { Config } from './config.ts';
import { poll } from '../lib/poll.ts';

export interface ConfigFile {
  current(): Config;
  /** @param onChange told of each new text: null when it is in force, else why it is not */
  watch(onChange: (problem: string | null) => void): void;
  stop(): void;
}

const INTERVAL = 2_000;

/**
 * @param ruleIds the ids that `rules` may name
 * @param interval milliseconds between two looks
 * @throws ConfigError when the first text is refused; what readFile throws when there is none
 */
export async function configFile(
  path: string,
  ruleIds: readonly string[],
  interval = INTERVAL,
): Promise<ConfigFile> {
  let text = await readFile(path, 'utf8');
  let current = loadConfig(text, path, ruleIds);
  let stop = (): void => {};

  async function look(onChange: (problem: string | null) => void): Promise<void> {
    // While a ConfigMap is replaced there may be no file for a moment; one that stays away changes nothing.
    const seen = await readFile(path, 'utf8').catch(() => text);
    if (seen === text) return;
    text = seen;
    try {
      current = loadConfig(text, path, ruleIds);
      onChange(null);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      onChange(error.message);
    }
  }

  return {
    current: () => current,
    watch(onChange) {
      stop = poll(() => look(onChange), interval);
    },
    stop: () => stop(),
  };
}
