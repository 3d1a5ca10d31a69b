/** Every command of the README's console blocks prints what the README shows. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { headcount } from './cli.ts';

const README = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');
const blocks = [...README.matchAll(/^```console\n\$ npm run --silent headcount -- (.+)\n([^]*?)^```$/gm)];

test('there are such blocks', () => {
  expect(blocks.length).toBeGreaterThanOrEqual(2);
});

test.each(blocks.map(([, command = '', shown = '']) => [command, shown]))('%s', async (command, shown) => {
  const { out } = await headcount(command.split(' '), { env: { LANG: 'C.UTF-8' } });
  expect(out).toBe(shown);
});

test('the picture is that of the plan above it', async () => {
  const shown = blocks.map(([, command = '']) => command).find((command) => command.startsWith('plan '));
  const [, path = ''] = /!\[[^\]]*\]\((docs\/[^)]+\.svg)\)/.exec(README) ?? [];
  const { out } = await headcount([...(shown?.split(' ') ?? []), '-o', 'svg']);
  expect(readFileSync(join(import.meta.dirname, '..', path), 'utf8')).toBe(out);
});
