/** The built files: small enough, nothing of Node in them, and a policy that lets nothing in or out. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { BUILT } from './browser.ts';

const read = (name: string): string => readFileSync(join(BUILT, name), 'utf8');
const zipped = (name: string): number => gzipSync(readFileSync(join(BUILT, name))).length;
const KIB = 1024;

test('the first load, without the editor, is less than 200 KiB in gzip', () => {
  const sizes = ['index.html', 'page.css', 'page.js'].map((name) => [name, zipped(name)] as const);
  const sum = sizes.reduce((total, [, bytes]) => total + bytes, 0);
  console.log(
    [...sizes, ['first load', sum] as const, ['editor.js', zipped('editor.js')] as const]
      .map(([name, bytes]) => `${name}: ${(bytes / KIB).toFixed(1)} KiB in gzip`)
      .join('\n'),
  );
  expect(sum).toBeLessThan(200 * KIB);
});

test('the page loads only the files beside it', () => {
  const files = readdirSync(BUILT);
  expect(files).toEqual(
    expect.arrayContaining(['audit.html', 'editor.js', 'index.html', 'page.css', 'page.js']),
  );
  const loaded = [...read('index.html').matchAll(/<(?:script|link|img)[^>]*\b(?:src|href)="([^"]*)"/g)];
  expect(loaded.map(([, target]) => target)).toEqual(['data:,', 'page.css', 'page.js']);
});

test.each(['index.html', 'audit.html'])('%s has a policy that lets nothing out', (name) => {
  const [, policy = ''] = /http-equiv="Content-Security-Policy"\s+content="([^"]*)"/.exec(read(name)) ?? [];
  expect(policy).toMatch(/^default-src 'none';/);
  expect(policy).not.toMatch(/connect-src|https?:|\*|'unsafe-eval'|script-src[^;]*'unsafe-inline'/);
});

test.each(['page.js', 'editor.js', 'audit.html'])('%s has nothing of Node, and no module', (name) => {
  const found = [
    ...read(name).matchAll(/\brequire\(|["']node:[a-z]+["']|\bimport\(|^\s*(?:import|export)\s/gm),
  ];
  expect(found.map(([text]) => text)).toEqual([]);
});
