/** `audit -o html` of a cluster with 300 services: one small file that opens from disk, and can be filtered there. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { BUILTIN_RUNTIME } from '../../src/cluster/builtin-runtime.ts';
import { file, headcount, ROOT, scratch } from '../support/cli.ts';
import { FakeApi } from '../support/fake-api.ts';
import type { Loose } from '../rules/cases.ts';
import {
  describeInBrowser,
  expectNoTrouble,
  overflow,
  shoot,
  violations,
  visit,
  type Visit,
} from './browser.ts';

const SERVICES = 300;
const NAMESPACES = ['search', 'chat', 'research', 'platform', 'tenant-a', 'tenant-b'];
const MANIFESTS = [
  'guide-case-1',
  'guide-case-2',
  'guide-case-3',
  'guide-example',
  'mixed-gpus',
  'too-few-gpus',
];

const demo: readonly Loose[] = MANIFESTS.map((name) =>
  parse(readFileSync(join(ROOT, `demo/manifests/${name}.yaml`), 'utf8')),
);

function serviceNumber(index: number): Loose {
  const service = structuredClone(demo[index % demo.length]);
  service.metadata.name = `llm-${index}`;
  service.metadata.namespace = NAMESPACES[index % NAMESPACES.length];
  return service;
}

const services = Array.from({ length: SERVICES }, (_, index) => serviceNumber(index));
const path = join(scratch, 'audit.html');
let api: FakeApi;
let audited: Loose;

beforeAll(async () => {
  api = await FakeApi.start([...services, BUILTIN_RUNTIME as Loose]);
  const kubeconfig = file('kubeconfig', api.kubeconfig);
  const { code, out } = await headcount([
    'audit',
    '--kubeconfig',
    kubeconfig,
    '-o',
    `html=${path}`,
    '-o',
    'json',
  ]);
  expect(code).toBe(1);
  audited = JSON.parse(out);
});
afterAll(() => api.stop());

test('it is less than 2 MB', () => {
  console.log(`audit.html of ${SERVICES} services: ${(statSync(path).size / 1024).toFixed(0)} KiB`);
  expect(statSync(path).size).toBeLessThan(2_000_000);
});

describeInBrowser('the page of an audit', (browser) => {
  const open = async (options = {}): Promise<Visit> => visit(browser(), pathToFileURL(path).href, options);

  test('totals and services are those of the JSON', async () => {
    const opened = await open();
    const { page } = opened;
    expect(await page.locator('.audited').count()).toBe(audited.services.length);
    const number = async (name: string): Promise<number> =>
      Number(
        (await page.locator('.numbers div', { hasText: name }).first().locator('dd').innerText()).replaceAll(
          ',',
          '',
        ),
      );
    const sum = (key: string): number =>
      audited.services.reduce((total: number, { gpu }: Loose) => total + (gpu?.[key] ?? 0), 0);
    expect(await number('GPUs allocated')).toBe(sum('allocated'));
    expect(await number('GPUs idle')).toBe(sum('idle'));
    expect(await number('denials')).toBe(audited.summary.deny);
    expect(await number('warnings')).toBe(audited.summary.warn);
    expectNoTrouble(opened);
    await shoot(page, 'audit-light');
  });

  test('filters by name, by a cell of the table, and by severity', async () => {
    const opened = await open();
    const { page } = opened;
    const shown = async (): Promise<number> => page.locator('.audited').count();
    await page.getByLabel('Name', { exact: true }).fill('chat/llm-1');
    const named = services.filter(({ metadata }) =>
      `${metadata.namespace}/${metadata.name}`.includes('chat/llm-1'),
    );
    expect(await shown()).toBe(named.length);
    await page.getByRole('button', { name: 'Show all' }).click();
    expect(await shown()).toBe(audited.services.length);

    const cell = page.getByRole('button', { name: /of gpu-capacity in tenant-b/ });
    const [, counted] = /^(\d+) of/.exec((await cell.getAttribute('aria-label')) ?? '') ?? [];
    await cell.click();
    expect(await shown()).toBe(Number(counted));
    await page.locator('.filter [role=status]', { hasText: `${counted} of 300 services` }).waitFor();
    expect(await page.locator('.filter [role=status]').innerText()).toBe(`${counted} of 300 services`);
    await page.getByRole('button', { name: 'Show all' }).click();
    await page.getByLabel('Severity').selectOption('deny');
    const denied = new Set(
      audited.findings
        .filter(({ severity }: Loose) => severity === 'deny')
        .map(({ namespace, name }: Loose) => `${namespace}/${name}`),
    );
    expect(await shown()).toBe(denied.size);
    expectNoTrouble(opened);
  });

  test('a service that is opened has its picture and its findings, the same as in the JSON', async () => {
    const opened = await open();
    const { page } = opened;
    const service = page.locator('.audited', { hasText: 'tenant-b/llm-5' }).first();
    await service.locator('summary').focus();
    await page.keyboard.press('Enter');
    await service.locator('svg').waitFor();
    const messages = audited.findings
      .filter(({ namespace, name }: Loose) => namespace === 'tenant-b' && name === 'llm-5')
      .map(({ message }: Loose) => message);
    expect(messages.length).toBeGreaterThan(0);
    for (const message of messages) expect(await service.innerText()).toContain(message);
    expectNoTrouble(opened);
    await shoot(page, 'audit-open');
  });

  test.each([
    ['light', {}],
    ['dark', { colorScheme: 'dark' }],
    ['phone', { viewport: { width: 360, height: 740 } }],
  ] as const)('axe-core finds nothing, and nothing is wider than the window: %s', async (name, options) => {
    const opened = await open(options);
    const { page } = opened;
    await page.locator('.audited summary').first().click();
    expect(await violations(page)).toEqual([]);
    expect(await overflow(page)).toBe(0);
    await shoot(page, `audit-${name}`);
    expectNoTrouble(opened);
  });
});
