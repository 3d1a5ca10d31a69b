/** The command line makes of a service what the webhook makes of it, whatever is enforced in its namespace. */
import { describe, expect, test } from '@jest/globals';
import { admit } from '../../src/admission/admit.ts';
import { assess } from '../../src/admission/assess-as-enforced.ts';
import { Unavailable } from '../../src/cluster/cluster.ts';
import type { Config } from '../../src/config/config.ts';
import { minimalRuntime, type Loose } from '../rules/cases.ts';
import { clusterOf, configOf, patched, requestFor } from '../support/helpers.ts';
import { deniedCaseTwo as service } from '../support/denied-service.ts';

const LEVELS = ['deny', 'warn', 'off'] as const;
const LABELS: readonly Readonly<Record<string, string>>[] = [
  {},
  ...LEVELS.map((level) => ({ 'headcount.dev/enforce': level })),
  ...['full', 'fill', 'off', 'odd'].map((mode) => ({ 'headcount.dev/mutation': mode })),
];
const rows = LEVELS.flatMap((enforcement) =>
  [false, true].flatMap((labels) =>
    [[], ['team']].flatMap((exempt) =>
      LABELS.map((given) => [{ enforcement, namespaces: { labels, exempt } }, given] as const),
    ),
  ),
);

describe.each(rows)('%j, labels %j', (settings, labels) => {
  const config = configOf(settings);
  const cluster = clusterOf([minimalRuntime()], { namespaceLabels: () => new Map(Object.entries(labels)) });

  test('what is stored, what is denied and what is warned of', async () => {
    const object = service();
    const assessment = await assess(object, cluster, config);
    const mutate = await admit('mutate', requestFor(object), cluster, { ...config, denyAt: 'validate' });
    const patch = mutate.outcome === 'allow' ? mutate.patch : [];
    expect(assessment.stored).toEqual(patched(object, patch));

    const validate = await admit('validate', requestFor(assessment.stored as Loose), cluster, config);
    const denied = assessment.findings.filter(({ severity }) => severity === 'deny');
    expect(denied.length > 0).toBe(validate.outcome === 'deny');
    const isJudged = validate.outcome !== 'allow' || validate.notJudged === null;
    expect(assessment.findings.some(({ rule }) => rule === 'head-replicas')).toBe(isJudged);
    // KServe plans what is stored.
    const { tensorParallelSize: tp, pipelineParallelSize: pp } = assessment.plan ?? {};
    const isSplit = JSON.stringify(patch).includes('/tensorParallelSize');
    expect([tp, pp]).toEqual(isSplit ? [8, 2] : [16, 1]);
  });
});

test('labels that can not be read: the file decides, and the assessment says so', async () => {
  const namespaceLabels = (): never => {
    throw new Unavailable('no answer');
  };
  const config: Config = configOf({ enforcement: 'warn', namespaces: { labels: true, exempt: [] } });
  const { enforcement, findings } = await assess(
    service(),
    clusterOf([minimalRuntime()], { namespaceLabels }),
    config,
  );
  expect(enforcement).toMatchObject({ enforce: 'warn', unread: 'no answer' });
  expect(findings.find(({ rule }) => rule === 'head-replicas')?.severity).toBe('warn');
});
