/** The configuration of a running server, reloaded from its file. */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from '@jest/globals';
import { configFile } from '../../src/config/file.ts';
import { RULE_IDS } from '../../src/rules/index.ts';

const directory = mkdtempSync(join(tmpdir(), 'headcount-config-'));
afterAll(() => rmSync(directory, { recursive: true }));
const path = join(directory, 'config.yaml');
const HEAD = 'apiVersion: headcount.dev/v1alpha1\nkind: HeadcountConfig\n';

test('a changed file takes effect, a bad one leaves the last good one in force', async () => {
  writeFileSync(path, HEAD);
  const file = await configFile(path, ['runtime'], 5);
  const changes: (string | null)[] = [];
  file.watch((problem) => changes.push(problem));
  const next = async (text: string): Promise<void> => {
    const before = changes.length;
    // As a ConfigMap is replaced: nobody sees half of it.
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
    while (changes.length === before) await sleep(5);
  };
  try {
    expect(file.current().denyAt).toBe('both');
    await next(`${HEAD}denyAt: validate\n`);
    expect(file.current().denyAt).toBe('validate');
    await next(`${HEAD}denyAt: never\n`);
    expect(file.current().denyAt).toBe('validate');
    await next(`${HEAD}rules: {runtime: warn}\n`);
    expect(file.current()).toMatchObject({ denyAt: 'both', rules: { runtime: 'warn' } });
    expect(changes).toEqual([null, expect.stringContaining('denyAt is "never"'), null]);
    rmSync(path);
    await sleep(30);
    expect(file.current().rules).toEqual({ runtime: 'warn' });
    expect(changes).toHaveLength(3);
  } finally {
    file.stop();
  }
});

test('a bad file at the start is refused', async () => {
  writeFileSync(path, `${HEAD}nonsense: 1\n`);
  await expect(configFile(path, RULE_IDS)).rejects.toThrow('unknown key nonsense');
});
