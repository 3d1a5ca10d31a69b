/**
 * The page in a real Chromium: how long from the last key to the finding in a manifest of 300 lines, how long a verdict
 * takes, and what 500 findings and 512 pods cost. Times are the browser's own, from the event to the frame that shows
 * it. Run: npm run bench:page
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { addressOf } from '../src/page/core/address.ts';
import { preloadedIn } from '../src/page/core/preloaded.ts';
import { EMPTY } from '../src/page/core/state.ts';
import { verdictOn } from '../src/page/core/verdict.ts';
import { launch } from '../test/support/chromium.ts';
import { median } from './measure.ts';

const ROOT = join(import.meta.dirname, '..');
const ADDRESS = pathToFileURL(join(ROOT, 'dist/page/index.html')).href;
const ROUNDS = 15;
const VERDICTS = 60;
const NOTHING = preloadedIn('');

const read = (name: string): string => readFileSync(join(ROOT, 'demo/manifests', `${name}.yaml`), 'utf8');
const CASE = read('guide-case-1');

/** One service with as many lines of env as make 300. */
function longManifest(): string {
  const missing = 300 - CASE.trimEnd().split('\n').length - 1;
  const env = Array.from({ length: missing / 2 }, (_, index) => [
    `        - name: SETTING_${index}`,
    `          value: 'value-${index}'`,
  ]);
  return CASE.replace(/^ +storageUri: .*\n/m, (line) => `${line}      env:\n${env.flat().join('\n')}\n`);
}

/** Services that are each refused for seven reasons. */
function manyFindings(findings: number): string {
  const services = Array.from({ length: Math.ceil(findings / 7) }, (_, index) =>
    read('seven-mistakes').replace('name: seven-mistakes', `name: mistaken-${index}`),
  );
  return services.join('---\n');
}

const MANY_PODS = CASE.replace('tensorParallelSize: 8', 'tensorParallelSize: 1')
  .replace('pipelineParallelSize: 2', 'pipelineParallelSize: 512')
  .replace("nvidia.com/gpu: '8'", "nvidia.com/gpu: '1'");

/** Observes the page from a key on: resolves in the frame after the findings have changed. */
const WATCH = `void (window.measured = new Promise((resolve) => {
  let start = 0;
  addEventListener('keydown', () => { start = performance.now(); }, { capture: true, once: true });
  new MutationObserver((_changes, observer) => {
    observer.disconnect();
    requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - start)));
  }).observe(document.querySelector('.right'), { childList: true, subtree: true, characterData: true, attributes: true });
}))`;

/** @returns milliseconds from a key to the frame that shows its verdict */
async function keyToVerdict(page: Page, key: string): Promise<number> {
  await page.evaluate(WATCH);
  await page.keyboard.press(key);
  return (await page.evaluate('measured')) as number;
}

async function open(page: Page, manifest: string): Promise<number> {
  await page.goto('about:blank');
  await page.goto(`${ADDRESS}${await addressOf({ ...EMPTY, manifest })}`);
  await page.locator('.cm-content').waitFor();
  await page.waitForTimeout(300);
  return (await page.evaluate(
    'performance.getEntriesByType("paint").find(({ name }) => name === "first-contentful-paint").startTime',
  )) as number;
}

/** Types a wrong digit behind a size, and takes it away again. */
async function typed(page: Page, manifest: string, line: string): Promise<void> {
  const paint = await open(page, manifest);
  const number = manifest.split('\n').findIndex((text) => text.includes(line)) + 1;
  await page.locator('.cm-content').focus();
  await page.keyboard.press('Control+Home');
  for (let down = 1; down < number; down++) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('End');
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    times.push(await keyToVerdict(page, 'x'), await keyToVerdict(page, 'Backspace'));
  }
  const lines = manifest.trimEnd().split('\n').length;
  const findings = await page.locator('.finding').count();
  const [middle, most] = [median(times), Math.max(...times)];
  console.log(
    `${String(lines).padStart(5)} lines, ${String(findings).padStart(3)} findings: ` +
      `${middle.toFixed(0).padStart(4)} ms from the key to the verdict on the screen (at most ${most.toFixed(0)}), ` +
      `first paint after ${paint.toFixed(0)} ms`,
  );
}

/** The verdict alone, in this process: the same code, without a document. */
async function judged(what: string, manifest: string): Promise<void> {
  const times: number[] = [];
  for (let round = 0; round < VERDICTS; round++) {
    const start = performance.now();
    await verdictOn({ ...EMPTY, manifest }, NOTHING);
    times.push(performance.now() - start);
  }
  console.log(
    `${what.padEnd(14)} ${median(times).toFixed(1).padStart(6)} ms for plan, findings and stored manifest`,
  );
}

await judged('23 lines', CASE);
await judged('300 lines', longManifest());
await judged('512 pods', MANY_PODS);
await judged('500 findings', manyFindings(500));

const browser = await launch();
const page = await browser.newPage({ viewport: { width: 1280, height: 860 } });
console.log(`Chromium ${browser.version()}, medians of ${2 * ROUNDS} keys`);
await typed(page, CASE, 'tensorParallelSize');
await typed(page, longManifest(), 'tensorParallelSize');
await typed(page, manyFindings(500), 'tensorParallelSize');
console.log('512 pods:');
await typed(page, MANY_PODS, 'tensorParallelSize');
await browser.close();
