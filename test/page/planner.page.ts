/** The page as its user meets it: from disk, by keyboard, on a phone, in the dark, by a link. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { ROOT } from '../support/cli.ts';
import { modelNamed } from '../support/models.ts';
import {
  describeInBrowser,
  expectNoTrouble,
  onDisk,
  overflow,
  shoot,
  violations,
  visit,
  withEditor,
  type Visit,
  expectText,
} from './browser.ts';

/** Replaces the whole text of the editor, by keyboard. */
async function write(page: Page, text: string): Promise<void> {
  await page.locator('.cm-content').focus();
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText(text);
}

const MANIFEST = (name: string): string => readFileSync(join(ROOT, `demo/manifests/${name}.yaml`), 'utf8');

const NODES = readFileSync(join(ROOT, 'demo/nodes.yaml'), 'utf8');
/** A head of 4 GPUs and a worker of 8. */
const UNEVEN = MANIFEST('guide-case-1')
  .replace('tensorParallelSize: 8', 'tensorParallelSize: 4')
  .replace('pipelineParallelSize: 2', 'pipelineParallelSize: 3');

/** @param gpus of each node by its name */
function nodesOf(gpus: Readonly<Record<string, number>>): string {
  const items = Object.entries(gpus).map(([name, count]) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name },
    status: { allocatable: { cpu: '64', memory: '512Gi', pods: '110', 'nvidia.com/gpu': String(count) } },
  }));
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}

describeInBrowser('the planner', (browser) => {
  const open = async (rest: string, options: BrowserContextOptions = {}): Promise<Visit> => {
    const opened = await visit(browser(), onDisk(rest), options);
    await withEditor(opened.page);
    return opened;
  };

  test('an example from disk: the sizes, the picture, and no request to anywhere', async () => {
    const opened = await open('?example=guide-case-1');
    const { page, requests } = opened;
    await expectText(page, '.sizes', 'TP 8 x PP 2 = 16 GPUs on 2 pods');
    expect(await page.locator('.picture svg').count()).toBe(1);
    expect(await page.locator('.picture .gpu').count()).toBe(16);
    await expectText(page, '.arithmetic', 'required = TP x PP = 8 x 2 = 16');
    expect(await page.locator('.stored .added').count()).toBeGreaterThan(3);
    expect(requests.map((url) => url.replace(/.*\//, '').replace(/\?.*/, ''))).toEqual([
      'index.html',
      'page.css',
      'page.js',
      'editor.js',
    ]);
    expectNoTrouble(opened);
    await shoot(page, 'planner-light');
  });

  test('what tries to leave is stopped by the policy of the page', async () => {
    const { page, trouble } = await open('');
    const stopped: string[] = [];
    page.on('requestfailed', (request) => stopped.push(`${request.url()} ${request.failure()?.errorText}`));
    await page.evaluate('fetch("https://example.com/").catch(() => {})');
    await page.evaluate('new Image().src = "https://example.com/i.png"');
    await page.waitForTimeout(300);
    const tried = trouble.filter((line) => line.startsWith('request: ')).map((line) => line.slice(9));
    expect(stopped).toEqual(tried.map((url) => `${url} csp`));
    const told = (what: string): boolean =>
      trouble.some((line) => line.includes('Content Security Policy') && line.includes(what));
    expect([told('https://example.com/i.png'), told('connect-src')]).toEqual([true, true]);
  });

  test('a mistake is shown at its line, and goes when the fix is followed', async () => {
    const opened = await open('?example=guide-case-1');
    const { page } = opened;
    const wrong = MANIFEST('guide-case-1').replace('tensorParallelSize: 8', 'tensorParallelSize: eight');
    const line = wrong.split('\n').findIndex((text) => text.includes('eight')) + 1;
    await write(page, wrong);
    const finding = page.locator('.finding.deny[data-rule="parallel-size"]');
    await finding.waitFor();
    expect(await finding.getAttribute('data-line')).toBe(String(line));
    await page.locator('.cm-gutter-lint .cm-lint-marker-error').first().waitFor();
    await finding.locator('.line').click();
    await expectText(page, '.cm-activeLine', 'tensorParallelSize: eight');
    await page.locator('.cm-lintRange-error').first().hover();
    await expectText(page, '.cm-tooltip', await finding.locator('.fix').innerText().then(withoutLabel));

    await page.keyboard.press('End');
    await page.keyboard.press('Control+Shift+ArrowLeft');
    await page.keyboard.type('8');
    await finding.waitFor({ state: 'detached' });
    expect(await page.locator('.verdict strong').innerText()).toBe('Admitted');
    expectNoTrouble(opened);
  });

  test('the link opens the same in another browser', async () => {
    const { page } = await open('?example=too-few-gpus');
    await write(page, MANIFEST('mixed-gpus').replace('name: ', 'name: linked-'));
    await page.getByRole('combobox', { name: 'KServe' }).selectOption('0.17');
    await page.waitForURL(/#1/);
    await page.waitForTimeout(300);
    const other = await visit(browser(), page.url());
    for (const id of ['plan-json', 'lint-json']) {
      expect(await other.page.locator(`#${id}`).textContent()).toBe(
        await page.locator(`#${id}`).textContent(),
      );
    }
    expect(await other.page.locator('#plan-json').textContent()).toContain('"name": "linked-');
    expect(await other.page.getByRole('combobox', { name: 'KServe' }).inputValue()).toBe('0.17');
    expectNoTrouble(other);
  });

  test.each(['#1', '#1AAAA', '#1%%%', '#2abc', '#<script>'])(
    'a broken link is an example: %s',
    async (hash) => {
      const opened = await open(hash);
      await expectText(opened.page, '.sizes', 'TP 8 x PP 2');
      expectNoTrouble(opened);
    },
  );

  test('hostile text is text', async () => {
    const opened = await open('');
    const evil = '"><img src=x onerror=alert(1)><script>alert(2)</script>';
    await write(
      opened.page,
      MANIFEST('guide-case-1').replace('name: case-1', `name: '${evil}'`).replace('pvc://', `pvc://${evil}`),
    );
    await opened.page.locator('.finding.deny').first().waitFor();
    expect(await opened.page.locator('img, .right script').count()).toBe(0);
    expectNoTrouble(opened);
  });

  test('all of it by keyboard: example, release, runtimes, suggestion, finding', async () => {
    const opened = await open('');
    const { page } = opened;
    const focused = async (): Promise<string> =>
      (await page.evaluate(
        '(document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent).slice(0, 60)',
      )) as string;
    const seen: string[] = [];
    for (let press = 0; press < 40; press++) {
      await page.keyboard.press('Tab');
      seen.push(await focused());
    }
    // Tab goes into the editor and out of it again.
    expect(seen.findIndex((label) => label === 'Manifest')).toBeGreaterThan(3);
    expect(seen.findIndex((label) => label.startsWith('Plan and findings'))).toBeGreaterThan(
      seen.indexOf('Manifest'),
    );
    await page.getByRole('combobox', { name: 'Example' }).focus();
    await page.keyboard.type('A head of 1');
    await expectText(page, '.verdict', 'Denied');
    await page.getByRole('button', { name: 'Runtimes and claims' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Red Hat’s vLLM runtime' }).focus();
    await page.keyboard.press('Space');
    // Not waitForFunction, which the page's Content-Security-Policy forbids as soon as it has to look twice.
    const runtimes = page.locator('textarea[aria-label^=Runtimes]');
    for (const end = Date.now() + 10_000; Date.now() < end; await sleep(50)) {
      if ((await runtimes.inputValue()).includes('vllm-multinode-runtime')) break;
    }
    expect(await runtimes.inputValue()).toContain('vllm-multinode-runtime');
    await page.locator('.finding .line').first().focus();
    await page.keyboard.press('Enter');
    expect(await focused()).toContain('Manifest');
    expectNoTrouble(opened);
  });

  test('nodes in the field of runtimes and claims: where the pods go, and whether there is room', async () => {
    const opened = await open('?example=guide-case-1');
    const { page } = opened;
    const card = page.locator('.service');
    const frames = page.locator('.picture .frame');
    expect(await frames.count()).toBe(0);
    await page.getByRole('button', { name: 'Runtimes and claims' }).click();
    const field = page.getByRole('textbox', { name: 'Runtimes and claims' });
    await field.fill(NODES);
    await expectText(page, '.service', 'fits now');
    await expectText(
      page,
      '.service',
      'does not fit at the peak of a roll-out; the head and the worker wait:',
    );
    expect(await frames.locator('title').allTextContents()).toEqual(['node gpu-1', 'node gpu-2']);
    expect(await page.locator('#plan-json').textContent()).toContain('"node": "gpu-1"');

    await write(page, UNEVEN);
    await field.fill(nodesOf({ a: 4, b: 8 }));
    await expectText(
      page,
      '.service',
      'may not fit now; with the head on b, which kube-scheduler may choose as well, a worker waits',
    );
    await field.fill(nodesOf({ a: 4, b: 8, c: 8, d: 8, e: 8 }));
    await expectText(page, '.service', 'fits now and at the peak of a roll-out');
    await shoot(page, 'planner-fit');
    await page.getByRole('button', { name: 'Clear' }).click();
    await card.getByText('fits now').waitFor({ state: 'detached' });
    expect(await frames.count()).toBe(0);
    expectNoTrouble(opened);
  });

  test('a model that is dropped is asked about, and suggest fills the editor', async () => {
    const opened = await open('');
    const { page } = opened;
    await drop(page, 'config.json', JSON.stringify(modelNamed('DeepSeek-V3').config));
    await page.getByRole('button', { name: 'Suggest' }).click();
    await page.getByLabel('GPU memory').fill('80Gi');
    await page
      .getByRole('button', { name: /^Write the manifest of TP 8 x PP/ })
      .first()
      .click();
    await expectText(page, '.sizes', 'TP 8 x PP');
    await expectText(page, '.service h2', 'default/deepseekv3');
    await shoot(page, 'planner-suggest');
    await drop(page, 'service.yaml', MANIFEST('guide-case-3'));
    await expectText(page, '.service h2', 'default/case-3');
    expectNoTrouble(opened);
  });

  test.each([
    ['light', '?example=seven-mistakes', {}],
    ['dark', '?example=seven-mistakes', { colorScheme: 'dark' }],
    ['phone', '?example=guide-case-2', { viewport: { width: 360, height: 740 } }],
    ['phone-dark', '?example=too-few-gpus', { viewport: { width: 360, height: 740 }, colorScheme: 'dark' }],
  ] as const)(
    'axe-core finds nothing, and nothing is wider than the window: %s',
    async (name, rest, options) => {
      const opened = await open(rest, options);
      const { page } = opened;
      for (const panel of ['Runtimes and claims', 'Model', 'Suggest']) {
        await page.getByRole('button', { name: panel }).first().click();
        expect(await violations(page)).toEqual([]);
      }
      await page.getByRole('button', { name: 'Suggest' }).click();
      for (const summary of await page.locator('.data summary').all()) await summary.click();
      expect(await violations(page)).toEqual([]);
      expect(await overflow(page)).toBe(0);
      for (const summary of await page.locator('.data summary').all()) await summary.click();
      await shoot(page, `planner-${name}`);
      expectNoTrouble(opened);
    },
  );
});

function withoutLabel(fix: string): string {
  return fix.replace(/^Fix\s*/, '');
}

async function drop(page: Page, name: string, text: string): Promise<void> {
  const transfer = await page.evaluateHandle(
    `(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([${JSON.stringify(text)}], ${JSON.stringify(name)}));
      return transfer;
    })()`,
  );
  await page.dispatchEvent('.cm-content', 'drop', { dataTransfer: transfer });
}
