/** The parts of the chart that can be checked without helm: generated files are up to date, and metrics exist. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { readme, valuesSchema } from '../../packaging/chart.ts';
import { metricsForTest } from '../support/metrics.ts';

const CHART = join(import.meta.dirname, '../../charts/headcount');
const text = (path: string): string => readFileSync(join(CHART, path), 'utf8');

test('values.schema.json is that of values.yaml and the configuration (npm run chart:generate)', () => {
  expect(text('values.schema.json')).toBe(valuesSchema());
});

test("the README's table is that of values.yaml (npm run chart:generate)", () => {
  expect(text('README.md')).toBe(readme());
});

test('chart and package have one version', () => {
  const { version } = JSON.parse(readFileSync(join(CHART, '../../package.json'), 'utf8')) as {
    version: string;
  };
  expect(text('Chart.yaml')).toContain(`\nversion: ${version}\nappVersion: ${version}\n`);
});

test('alerts and dashboard ask for metrics that exist', async () => {
  const metrics = metricsForTest({ process: true });
  const { text: exposed } = await metrics.expose();
  const there = [...exposed.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name = '', type]) =>
    type === 'histogram' ? [`${name}_bucket`] : [name],
  );
  for (const path of ['templates/prometheusrule.yaml', 'dashboards/headcount.json']) {
    const asked = text(path).match(/\b(?:headcount|nodejs|process)_[a-z0-9_]+/g) ?? [];
    expect(asked.length).toBeGreaterThan(8);
    expect(there).toEqual(expect.arrayContaining([...new Set(asked)]));
  }
});

test('the dashboard has 8 to 12 panels, each with a title, a text and a question', () => {
  const { panels } = JSON.parse(text('dashboards/headcount.json'));
  expect(panels.length).toBeGreaterThanOrEqual(8);
  expect(panels.length).toBeLessThanOrEqual(12);
  for (const { title, description, targets } of panels) {
    expect([title, description, targets[0].expr].every((part: string) => part.length > 3)).toBe(true);
  }
});
