/**
 * The page in a real Chromium. Where there is none, the tests that need it are skipped, and say so. A request to anywhere
 * but the disk, an error in the page and a message of its console fail the test that meets them.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { chromiumPath, launch } from '../support/chromium.ts';
import { ROOT } from '../support/cli.ts';

/** What `npm run page` has built. */
export const BUILT = join(ROOT, 'dist/page');
/** Screenshots that the tests leave, to be looked at. */
const SHOTS = join(ROOT, 'coverage/page');

/** A page that is watched. */
export interface Visit {
  readonly page: Page;
  /** What has gone wrong in it: requests, errors, messages of the console. */
  readonly trouble: readonly string[];
  /** Every address that it has asked for. */
  readonly requests: readonly string[];
}

/** @param allowed beginnings of the addresses that it may ask for */
export async function visit(
  browser: Browser,
  address: string,
  options: BrowserContextOptions = {},
  allowed: readonly string[] = ['file://'],
): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const trouble: string[] = [];
  const requests: string[] = [];
  page.on('request', (request) => {
    const url = request.url();
    requests.push(url);
    if (![...allowed, 'data:'].some((beginning) => url.startsWith(beginning)))
      trouble.push(`request: ${url}`);
  });
  page.on('pageerror', (error) => trouble.push(`error: ${String(error)}`));
  page.on('console', (message) => trouble.push(`console: ${message.text()}`));
  await page.goto(address);
  return { page, trouble, requests };
}

/** @param rest such as `?example=guide-case-1` or `#...` */
export function onDisk(rest = ''): string {
  return `${pathToFileURL(join(BUILT, 'index.html')).href}${rest}`;
}

/** Waits until the editor has taken the place of the text area. */
export async function withEditor(page: Page): Promise<void> {
  await page.locator('.cm-content').waitFor();
}

export async function shoot(page: Page, name: string): Promise<void> {
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: join(SHOTS, `${name}.png`) });
}

/** Registers tests with one browser for all of them. */
export function describeInBrowser(name: string, body: (browser: () => Browser) => void): void {
  if (chromiumPath() === null) {
    console.warn(`NOT CHECKED, because there is no Chromium on the PATH nor in $CHROMIUM: ${name}`);
    test.skip(name, () => {});
    return;
  }
  describe(name, () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await launch();
    });
    afterAll(async () => browser.close());
    body(() => browser);
  });
}

/** Nothing has gone wrong in the page so far. */
export function expectNoTrouble({ trouble }: Visit): void {
  expect(trouble).toEqual([]);
}

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}

/** @returns what axe-core finds, without fetching the style sheet again, which the page's policy forbids. */
export async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const found = (await page.evaluate(
    'axe.run({ preload: false }).then(({ violations }) => violations)',
  )) as readonly Violation[];
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`);
}

/** @returns pixels by which the page is wider than the window */
export async function overflow(page: Page): Promise<unknown> {
  return page.evaluate('document.documentElement.scrollWidth - innerWidth');
}

/** Waits for the text, since the page draws after it has judged. */
export async function expectText(page: Page, selector: string, text: string): Promise<void> {
  const found = page.locator(selector).filter({ hasText: text }).first();
  await found.waitFor();
  expect(await found.innerText()).toContain(text);
}
