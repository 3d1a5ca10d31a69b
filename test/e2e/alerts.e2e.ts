/**
 * The alerts of the chart, run by Prometheus' own promtool on what headcount's metrics really say: scrapes recorded
 * while all is well, and while one thing goes wrong. Each alert fires on its bad recording, and none on the good one.
 * The queries of the dashboard are parsed by promtool as well.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import type { Decision } from '../../src/admission/decision.ts';
import type { CertificateStatus } from '../../src/certs/source.ts';
import type { CacheState } from '../../src/cluster/cluster.ts';
import type { Exception } from '../../src/config/exceptions.ts';
import { type Metrics } from '../../src/server/metrics.ts';
import { metricsForTest } from '../support/metrics.ts';
import type { Loose } from '../rules/cases.ts';
import { helm, promtool } from './cluster/binaries.ts';

const ROOT = join(import.meta.dirname, '../..');
const NAMESPACE = 'headcount-system';
const SCRAPES = 120;
const INTERVAL_SECONDS = 30;
/** What Prometheus adds when it scrapes by the chart's ServiceMonitor. */
const TARGET = `job="headcount",namespace="${NAMESPACE}",instance="10.0.0.1:8081"`;

const directory = mkdtempSync(join(tmpdir(), 'headcount-alerts-'));
afterAll(() => rmSync(directory, { recursive: true }));

function rules(): Loose {
  const args = ['template', 'headcount', 'charts/headcount', '--namespace', NAMESPACE];
  args.push('--set', 'metrics.prometheusRule.enabled=true', '--show-only', 'templates/prometheusrule.yaml');
  const { status, stdout, stderr } = spawnSync(helm(), args, { cwd: ROOT, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return parseAllDocuments(stdout)[0]?.toJS().spec;
}

function run(command: readonly string[], name: string, content: object): { code: number; output: string } {
  const file = join(directory, name);
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(content));
  const { status, stdout, stderr } = spawnSync(promtool(), [...command, file], {
    cwd: directory,
    encoding: 'utf8',
  });
  return { code: status ?? -1, output: `${stdout}${stderr}` };
}

interface World {
  metrics: Metrics;
  certificates: CertificateStatus;
  caches: CacheState[];
  exceptions: readonly Exception[];
  inForce: ReadonlyMap<string, string | null>;
  /** Is there anybody to scrape? */
  up: boolean;
}
/** What happens between two scrapes. */
type Course = (world: World, scrape: number) => void;

const ALLOWED: Decision = { outcome: 'allow', notJudged: null, warnings: [], remarks: [], patch: [] };
const finding = {
  rule: 'gpu-capacity',
  severity: 'deny',
  field: '',
  owner: 'service',
  message: '',
  fix: '',
  short: '',
} as const;
const DENIED: Decision = { outcome: 'deny', findings: [finding], warnings: [] };
const FAILED: Decision = { outcome: 'failed', code: 504, message: '' };
const DAY = 86_400;
const EXCEPTION = { rules: ['gpu-idle'], namespaces: ['research'], reason: 'a trial', until: '1970-02-01' };

/** An hour of a cluster in which services are written, and now and then one is refused. */
const well: Course = ({ metrics }, scrape) => {
  for (let count = 0; count < 5; count++) metrics.decided('validate', ALLOWED, 0.002);
  if (scrape % 4 === 0) metrics.decided('mutate', DENIED, 0.002);
};

/** Half an hour in, something goes wrong for good. */
const BAD: Readonly<Record<string, Course>> = {
  HeadcountDown: (world) => (world.up = false),
  HeadcountCertificateExpires: (world) =>
    (world.certificates = { ...world.certificates, leafExpires: 6 * DAY }),
  HeadcountCertificateRejected: ({ metrics }) => metrics.certificate('refused'),
  HeadcountCaBundleMismatch: (world) => (world.certificates = { ...world.certificates, trusted: false }),
  HeadcountNotInForce: (world) => (world.inForce = new Map([['mutating', 'no answer']])),
  HeadcountCacheStale: (world) => {
    world.caches = world.caches.map((cache) => ({ ...cache, age: cache.age + INTERVAL_SECONDS }));
  },
  HeadcountRefusalSpike: ({ metrics }) => {
    for (let count = 0; count < 10; count++) metrics.decided('mutate', DENIED, 0.002);
  },
  HeadcountFailed: ({ metrics }, scrape) => {
    if (scrape % 10 === 0) metrics.decided('validate', FAILED, 0.002);
  },
  HeadcountSlow: ({ metrics }) => {
    for (let count = 0; count < 5; count++) metrics.decided('validate', ALLOWED, 2.9);
  },
  HeadcountSheds: ({ metrics }) => metrics.shed(),
  HeadcountConfigInvalid: ({ metrics }) => metrics.configRead(false),
  // The recording begins in 1970.
  HeadcountExceptionEnds: (world) => (world.exceptions = [{ ...EXCEPTION, until: '1970-01-05' }]),
};

/** @returns the input of a promtool test: each series of each scrape, `_` where it was not there */
async function recorded(bad: Course | null): Promise<readonly object[]> {
  const world: Omit<World, 'metrics'> & { metrics: Metrics | null } = {
    metrics: null,
    certificates: { leafExpires: 60 * DAY, caExpires: 300 * DAY, trusted: true },
    caches: [
      { kind: 'ServingRuntime', synced: true, age: 4, objects: 3, lists: 1, reduced: {} },
    ] as unknown as CacheState[],
    exceptions: [EXCEPTION],
    inForce: new Map([['mutating', null]]),
    up: true,
  };
  const metrics = metricsForTest({
    caches: () => world.caches,
    certificates: () => world.certificates,
    exceptions: () => world.exceptions,
    inForce: () => world.inForce,
  });
  const series = new Map<string, string[]>();
  const note = (name: string, scrape: number, value: string): void => {
    const values = series.get(name) ?? [];
    while (values.length < scrape) values.push('_');
    values.push(value);
    series.set(name, values);
  };
  for (let scrape = 0; scrape < SCRAPES; scrape++) {
    const now = { ...world, metrics };
    well(now, scrape);
    if (scrape >= SCRAPES / 2) bad?.(now, scrape);
    Object.assign(world, now);
    note(`up{${TARGET}}`, scrape, world.up ? '1' : '0');
    if (!world.up) continue;
    const { text } = await metrics.expose();
    for (const [, name = '', labels = '', value = ''] of text.matchAll(/^(\w+)(?:\{(.*)\})? (\S+)$/gm)) {
      note(`${name}{${labels === '' ? '' : `${labels},`}${TARGET}}`, scrape, value);
    }
  }
  return [...series].map(([name, values]) => ({ series: name, values: values.join(' ') }));
}

const spec = rules();
const alerts: readonly Loose[] = spec.groups[0].rules;

test('every alert has a bad recording, and promtool takes the rules', () => {
  expect(Object.keys(BAD)).toEqual(alerts.map(({ alert }) => alert));
  const { code, output } = run(['check', 'rules', '--lint=all', '--lint-fatal'], 'rules.yaml', spec);
  expect({ code, output }).toMatchObject({
    code: 0,
    output: expect.stringContaining(`${alerts.length} rules found`),
  });
});

/** Does the alert fire, an hour in? promtool compares the alerts that fire with those expected, texts and all. */
async function fires(alert: Loose, bad: Course | null): Promise<boolean> {
  const check = (expected: readonly object[]): { code: number; output: string } =>
    run(['test', 'rules'], 'test.yaml', {
      rule_files: ['rules.yaml'],
      evaluation_interval: '30s',
      tests: [
        {
          interval: `${INTERVAL_SECONDS}s`,
          input_series: input,
          alert_rule_test: [{ eval_time: '59m', alertname: alert.alert, exp_alerts: expected }],
        },
      ],
    });
  const input = await recorded(bad);
  writeFileSync(join(directory, 'rules.yaml'), JSON.stringify(spec));
  const { code, output } = check([]);
  if (code === 0) return false;
  // Nothing else may be wrong with the test: promtool says which alert it got.
  expect(output).toContain(`alertname="${alert.alert}"`);
  expect(output).toMatch(/exp:\[\s*\]/);
  return true;
}

test.each(alerts.map((alert) => [alert.alert as string, alert] as const))(
  '%s fires on its bad recording, and not on the good one',
  async (name, alert) => {
    expect(await fires(alert, null)).toBe(false);
    expect(await fires(alert, BAD[name] ?? null)).toBe(true);
  },
);

test('every query of the dashboard is one that Prometheus parses', () => {
  const { panels } = JSON.parse(
    readFileSync(join(ROOT, 'charts/headcount/dashboards/headcount.json'), 'utf8'),
  );
  const queries: readonly string[] = panels.flatMap(({ targets }: Loose) =>
    targets.map(({ expr }: Loose) => expr),
  );
  const asRules = queries.map((query, index) => ({
    record: `panel:query_${index}`,
    // As Grafana fills them in.
    expr: query.replaceAll('$__rate_interval', '2m').replaceAll('$namespace', '.+'),
  }));
  const check = (list: readonly object[]): { code: number; output: string } =>
    run(['check', 'rules'], 'panels.yaml', { groups: [{ name: 'panels', rules: list }] });
  expect(check(asRules)).toMatchObject({
    code: 0,
    output: expect.stringContaining(`${queries.length} rules found`),
  });
  expect(check([{ record: 'panel:wrong', expr: `${asRules[0]?.expr})` }])).not.toMatchObject({ code: 0 });
});
