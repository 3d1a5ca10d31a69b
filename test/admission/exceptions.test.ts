/** Exceptions and the enforcement of the whole cluster, as the platform writes them into the configuration. */
import { describe, expect, test } from '@jest/globals';
import { admit } from '../../src/admission/admit.ts';
import type { Decision } from '../../src/admission/decision.ts';
import { DEFAULTS, type Config } from '../../src/config/config.ts';
import { withCurrentExceptions } from '../../src/config/exceptions.ts';
import { loadConfig } from '../../src/config/load.ts';
import { RULE_IDS } from '../../src/rules/index.ts';
import { encodeReview } from '../../src/server/review/encode.ts';
import { clusterOf, requestFor } from '../support/helpers.ts';
import { metricsForTest } from '../support/metrics.ts';
import { minimalRuntime, minimalService, type Loose } from '../rules/cases.ts';

const UNTIL = '2027-01-31';
const LAST_MOMENT = Date.parse('2027-01-31T23:59:59.999Z');
const EXCEPTION = { rules: ['head-replicas'], namespaces: ['team'], reason: 'a trial', until: UNTIL };

const configWith = (...exceptions: readonly object[]): Config =>
  loadConfig(
    JSON.stringify({ apiVersion: 'headcount.dev/v1alpha1', kind: 'HeadcountConfig', exceptions }),
    'config.yaml',
    RULE_IDS,
  );

/** A service with two heads, which head-replicas denies. */
function twoHeads(change: (service: Loose) => void = () => {}): Loose {
  const service = minimalService();
  service.spec.predictor.minReplicas = 2;
  change(service);
  return service;
}

async function decide(config: Config, now: number, service: Loose = twoHeads()): Promise<Decision> {
  const cluster = clusterOf([minimalRuntime()]);
  return admit('validate', requestFor(service), cluster, withCurrentExceptions(config, now));
}

const rulesOf = (findings: readonly { readonly rule: string }[]): readonly string[] =>
  findings.map(({ rule }) => rule);

describe('an exception', () => {
  test('lowers the denial to a warning that says until when and why', async () => {
    const decision = await decide(configWith(EXCEPTION), LAST_MOMENT);
    expect(decision.outcome).toBe('allow');
    const [warning] = decision.outcome === 'allow' ? decision.warnings : [];
    expect(warning).toMatchObject({ rule: 'head-replicas', severity: 'warn' });
    expect(warning?.message).toMatch(/ \(excepted until 2027-01-31: a trial\)$/);
    expect(warning?.short).toMatch(/^excepted until 2027-01-31 \(a trial\): /);
  });

  test('ends with its day', async () => {
    const decision = await decide(configWith(EXCEPTION), LAST_MOMENT + 1);
    expect(decision.outcome === 'deny' && rulesOf(decision.findings)).toEqual(['head-replicas']);
  });

  test.each<[string, object, (service: Loose) => void]>([
    ['another rule', { ...EXCEPTION, rules: ['gpu-idle'] }, () => {}],
    ['another namespace', { ...EXCEPTION, namespaces: ['teams', 'tea'] }, () => {}],
    ['another name', { ...EXCEPTION, names: ['other-*', 'll'] }, () => {}],
    [
      'a second fault',
      EXCEPTION,
      ({ metadata }) => (metadata.annotations['serving.kserve.io/autoscalerClass'] = 'hpa'),
    ],
  ])('does not cover %s', async (_what, exception, change) => {
    expect((await decide(configWith(exception), 0, twoHeads(change))).outcome).toBe('deny');
  });

  test.each(['llm', 'l*', '*', '*m', 'l*m'])('covers the name llm by %s', async (pattern) => {
    expect((await decide(configWith({ ...EXCEPTION, names: [pattern] }), 0)).outcome).toBe('allow');
  });

  test('shows in the audit annotations and in the metrics', async () => {
    const service = twoHeads();
    const decision = await decide(configWith(EXCEPTION), 0, service);
    const { response } = JSON.parse(encodeReview(decision, requestFor(service), 'validate'));
    expect(response.auditAnnotations).toEqual({
      decision: 'allow',
      rules: 'head-replicas',
      exceptions: 'head-replicas',
    });
    const metrics = metricsForTest({ exceptions: () => configWith(EXCEPTION).exceptions });
    metrics.decided('validate', decision, 0.001);
    const { text } = await metrics.expose();
    expect(text).toContain('headcount_excepted_total{rule="head-replicas"} 1\n');
    expect(text).toContain(
      `headcount_exception_end_timestamp_seconds{rules="head-replicas",namespaces="team",until="${UNTIL}"} ${(LAST_MOMENT + 1) / 1_000}\n`,
    );
  });

  test.each<[string, object, RegExp]>([
    ['without a reason', { ...EXCEPTION, reason: undefined }, /exceptions\.0\.reason is missing/],
    ['without an end', { ...EXCEPTION, until: undefined }, /exceptions\.0\.until is missing/],
    [
      'until a day that is not in the calendar',
      { ...EXCEPTION, until: '2027-02-30' },
      /until is "2027-02-30"/,
    ],
    ['of a rule that does not exist', { ...EXCEPTION, rules: ['gpu'] }, /rules\.0 is "gpu": must be one of/],
    ['of no namespace', { ...EXCEPTION, namespaces: [] }, /namespaces is \[\]/],
  ])('%s is refused with its path', (_what, exception, message) => {
    expect(() => configWith(exception)).toThrow(message);
  });
});

describe('enforcement of the whole cluster', () => {
  const enforcing = (enforcement: Config['enforcement'], labels = false): Config => ({
    ...DEFAULTS,
    enforcement,
    namespaces: { labels, exempt: [] },
  });

  test('warn: denials become warnings', async () => {
    const decision = await decide(enforcing('warn'), 0);
    expect(decision.outcome === 'allow' && rulesOf(decision.warnings)).toContain('head-replicas');
  });

  test('off: nothing is judged, and nothing is written', async () => {
    const cluster = clusterOf([minimalRuntime()]);
    for (const phase of ['mutate', 'validate'] as const) {
      const decision = await admit(phase, requestFor(twoHeads()), cluster, enforcing('off'));
      expect(decision).toEqual({
        outcome: 'allow',
        notJudged: 'enforcement-off',
        warnings: [],
        remarks: [],
        patch: [],
      });
    }
  });

  test("a namespace's label decides first", async () => {
    const cluster = {
      ...clusterOf([minimalRuntime()]),
      namespaceLabels: async () => new Map([['headcount.dev/enforce', 'deny']]),
    };
    const asked = Object.assign(Object.create(clusterOf([minimalRuntime()]) as object), cluster);
    const decision = await admit('validate', requestFor(twoHeads()), asked, enforcing('warn', true));
    expect(decision.outcome).toBe('deny');
  });
});
