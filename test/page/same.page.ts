/**
 * What the page says is byte for byte what the commands print: for the fixtures, the demo, and the hostile manifests of
 * the other formats, each with and without a catalogue.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { EMPTY, type State } from '../../src/page/core/state.ts';
import { addressOf } from '../../src/page/core/address.ts';
import { file, headcount, ROOT } from '../support/cli.ts';
import { MANIFESTS } from '../support/manifests.ts';
import { modelNamed } from '../support/models.ts';
import type { Loose } from '../rules/cases.ts';
import { describeInBrowser, expectNoTrouble, onDisk, visit, type Visit } from './browser.ts';

const FOLDERS = ['test/fixtures', 'demo/manifests', 'demo/catalog'];
const files = FOLDERS.flatMap((folder) =>
  readdirSync(join(ROOT, folder)).map((name) => ({
    name: `${folder}/${name}`,
    text: readFileSync(join(ROOT, folder, name), 'utf8'),
  })),
);
const CATALOG = 'demo/catalog/claim.yaml';
const catalog = readFileSync(join(ROOT, CATALOG), 'utf8');

const NODES = readFileSync(join(ROOT, 'demo/nodes.yaml'), 'utf8');
const QUOTA = `---
apiVersion: v1
kind: ResourceQuota
metadata: { name: gpus, namespace: default }
spec: { hard: { requests.nvidia.com/gpu: '24' } }
`;
/** Texts for the field of runtimes and claims. */
const FORECASTS = [NODES, `${NODES}${QUOTA}`];

/** What a command prints, or why it does not run, as the page words it. */
async function printed(command: string, text: string, options: readonly string[]): Promise<string> {
  const paths = options.map((option) => (option === CATALOG ? join(ROOT, CATALOG) : option));
  const { out, err } = await headcount([command, '-', '-o', 'json', ...paths], { stdin: text });
  return out === '' ? err.trimEnd().replace(/^headcount \w+: /, '') : out;
}

type Documents = Readonly<Record<'plan' | 'lint', string | null>>;

/** A page without the editor, which has no say in this and takes a second to load. */
async function opened(browser: Browser, state: State): Promise<Visit> {
  const visited = await visit(browser, 'about:blank');
  await visited.page.route('**/editor.js', async (route) => route.fulfill({ body: '' }));
  await show(visited.page, state);
  return visited;
}

async function show(page: Page, state: State): Promise<void> {
  await page.goto('about:blank');
  await page.goto(onDisk(await addressOf(state)));
  await page.locator('.verdict').waitFor();
}

async function documents(page: Page): Promise<Documents> {
  const text = async (id: string): Promise<string | null> => page.locator(`#${id}`).textContent();
  return { plan: await text('plan-json'), lint: await text('lint-json') };
}

/**
 * Puts a text into a text area at once, where Playwright's own way takes seconds for a long one. The verdict is there in
 * the browser's next task. Runs in the browser.
 */
async function paste(area: Loose, text: string): Promise<void> {
  area.value = text;
  area.dispatchEvent(new Event('input', { bubbles: true }));
  return new Promise((resolve) => setTimeout(resolve));
}

/** Pastes the manifest; one with carriage returns, which a text area does not keep, comes by a link. */
async function shown(page: Page, state: State): Promise<Documents> {
  if (state.manifest.includes('\r')) await show(page, state);
  else await page.getByRole('textbox', { name: 'Manifest' }).evaluate(paste, state.manifest);
  return documents(page);
}

describeInBrowser('the page and the command line', (browser) => {
  test.each([
    ['without a catalogue', '', []],
    ['with a catalogue', catalog, ['--catalog', CATALOG]],
  ] as const)('say the same of every manifest, byte for byte: %s', async (_name, given, options) => {
    const visited = await opened(browser(), { ...EMPTY, catalog: given });
    let withFindings = 0;
    for (const { name, text } of [...files, ...MANIFESTS]) {
      const there = await shown(visited.page, { ...EMPTY, manifest: text, catalog: given });
      const here = { plan: await printed('plan', text, options), lint: await printed('lint', text, options) };
      expect([name, there]).toEqual([name, here]);
      if (here.lint.includes('"rule"')) withFindings += 1;
    }
    expect(files.length).toBeGreaterThanOrEqual(15);
    expect(withFindings).toBeGreaterThan(20);
    expectNoTrouble(visited);
  });

  const demo = files.filter(({ name }) => name.startsWith('demo/manifests'));
  test.each(['0.15', '0.18', '0.20', 'odh'] as const)(
    'say the same of the demo for KServe %s',
    async (version) => {
      const visited = await opened(browser(), { ...EMPTY, catalog, version });
      const options = ['--catalog', CATALOG, '--kserve-version', version];
      for (const { name, text } of demo) {
        const there = await shown(visited.page, { ...EMPTY, manifest: text, catalog, version });
        const here = {
          plan: await printed('plan', text, options),
          lint: await printed('lint', text, options),
        };
        expect([name, there]).toEqual([name, here]);
      }
      expectNoTrouble(visited);
    },
  );

  test('say the same of a forecast, with nodes, pods and quotas in the field', async () => {
    for (const nodes of FORECASTS) {
      const visited = await opened(browser(), { ...EMPTY, catalog: nodes });
      const options = ['--catalog', file('stock.yaml', nodes)];
      const answers = new Set<string>();
      for (const { name, text } of demo) {
        const there = await shown(visited.page, { ...EMPTY, manifest: text, catalog: nodes });
        const here = {
          plan: await printed('plan', text, [...options, '--fit']),
          lint: await printed('lint', text, options),
        };
        expect([name, there]).toEqual([name, here]);
        for (const [, answer = ''] of here.plan.matchAll(/"answer": "(\w+)"/g)) answers.add(answer);
      }
      expect(answers.size).toBeGreaterThan(1);
      expectNoTrouble(visited);
    }
  });

  test('say the same of a model', async () => {
    const { config } = modelNamed('DeepSeek-V3');
    const model = { modelConfig: JSON.stringify(config), gpuMemory: '80Gi' };
    const options = ['--model-config', file('config.json', config), '--gpu-memory', '80Gi'];
    const visited = await opened(browser(), { ...EMPTY, ...model });
    for (const { name, text } of demo) {
      const there = await shown(visited.page, { ...EMPTY, ...model, manifest: text });
      expect([name, there.lint]).toEqual([name, await printed('lint', text, options)]);
    }
    expectNoTrouble(visited);
  });
});
