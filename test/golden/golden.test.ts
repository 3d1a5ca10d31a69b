/**
 * From a line of a JSON patch to its number: each folder has a manifest of the demo (input.yaml), the arithmetic that
 * `plan --explain` shows for it (plan.txt), and the patch that /mutate answers with, values included (patch.json).
 * HEADCOUNT_GOLDEN=write writes both anew; review the difference.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import { admit } from '../../src/admission/admit.ts';
import { catalogueOf } from '../../src/cluster/catalogue.ts';
import { DEFAULTS } from '../../src/config/config.ts';
import { makeApp } from '../../src/server/app.ts';
import { makeLog } from '../../src/server/log.ts';
import { metricsForTest } from '../support/metrics.ts';
import { headcount, ROOT } from '../support/cli.ts';
import { patched, requestFor } from '../support/helpers.ts';

type Operation = Parameters<typeof patched>[1][number];
interface Env {
  readonly name: string;
  readonly value: string;
}

const WRITE = process.env['HEADCOUNT_GOLDEN'] === 'write';
const CATALOGUE = join(ROOT, 'demo/catalog');
const cases = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);
const pathOf = (name: string, file: string): string => join(import.meta.dirname, name, file);
const inputOf = (name: string): string => readFileSync(pathOf(name, 'input.yaml'), 'utf8');

const objects = readdirSync(CATALOGUE).flatMap((file) =>
  parseAllDocuments(readFileSync(join(CATALOGUE, file), 'utf8')).map((document): unknown => document.toJS()),
);
const cluster = catalogueOf(objects, 'complete');
const { webhook } = makeApp({
  judge: (phase, request, _reads, compute) => admit(phase, request, cluster, DEFAULTS, compute),
  notReady: async () => [],
  certificate: null,
  log: makeLog('silent', { write: () => {} }),
  metrics: metricsForTest(),
});

/** The patch of /mutate for a new service in the namespace `default`. */
async function patchOf(name: string): Promise<readonly Operation[]> {
  const request = { ...requestFor(parse(inputOf(name))), namespace: 'default' };
  const payload = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request };
  const { body } = await webhook.inject({ method: 'POST', url: '/mutate', payload });
  const { response } = JSON.parse(body) as { response: { allowed: boolean; patch: string } };
  expect(response.allowed).toBe(true);
  return JSON.parse(Buffer.from(response.patch, 'base64').toString()) as readonly Operation[];
}

function compare(name: string, file: string, text: string): void {
  if (WRITE) writeFileSync(pathOf(name, file), text);
  expect(existsSync(pathOf(name, file)) ? readFileSync(pathOf(name, file), 'utf8') : null).toBe(text);
}

test('there are cases', () => expect(cases.length).toBeGreaterThan(3));

test.each(cases)('%s: the input is the manifest that the demo shows', (name) => {
  expect(inputOf(name)).toBe(readFileSync(join(ROOT, 'demo/manifests', `${name}.yaml`), 'utf8'));
});

test.each(cases)('%s: plan.txt', async (name) => {
  const { code, out } = await headcount([
    'plan',
    pathOf(name, 'input.yaml'),
    '--explain',
    '--catalog',
    CATALOGUE,
  ]);
  expect(code).toBe(0);
  compare(name, 'plan.txt', out);
});

test.each(cases)('%s: patch.json', async (name) => {
  compare(name, 'patch.json', `${JSON.stringify(await patchOf(name), null, 2)}\n`);
});

/** Every number of the patch stands in the arithmetic too; a plan of one pod has no line for workers. */
test.each(cases)('%s: the env that the patch sets is that of plan.txt', async (name) => {
  const { spec } = patched(parse(inputOf(name)), await patchOf(name));
  const containers = {
    'the head': spec.predictor.model,
    'each worker': spec.predictor.workerSpec.containers?.[0],
  };
  const plan = readFileSync(pathOf(name, 'plan.txt'), 'utf8');
  const lines = [...plan.matchAll(/^ {2}env of (the head|each worker): (.*)$/gm)];
  expect(lines.length).toBeGreaterThan(0);
  for (const [, pod, pairs = ''] of lines) {
    const env: readonly Env[] = containers[pod as keyof typeof containers].env;
    const set = env.map(({ name: key, value }) => `${key}=${value}`);
    expect(pairs.split(' ')).toEqual(expect.arrayContaining(set));
    expect(set.length).toBeGreaterThan(0);
  }
});
