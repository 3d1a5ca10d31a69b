/** Whatever a rule finds, a hundred reports of it are kept and the others counted. */
import { describe, expect, test } from '@jest/globals';
import { encodeReview } from '../../src/server/review/encode.ts';
import { bounded, MOST_REPORTS } from '../../src/rules/bounded.ts';
import { evaluateService } from '../../src/rules/index.ts';
import type { Report, Severity } from '../../src/rules/rule.ts';
import { requestFor } from '../support/helpers.ts';
import { minimalService, minimalWorld, serviceSubject } from './cases.ts';

const report = (severity: Severity, index: number): Report => ({
  severity,
  field: `env[${index}]`,
  message: `number ${index}`,
  fix: 'remove it',
  short: 'remove it',
});

describe('bounded', () => {
  test('a hundred are all listed', () => {
    const reports = Array.from({ length: MOST_REPORTS }, (_, index) => report('deny', index));
    expect([...bounded(reports)]).toEqual(reports);
  });

  test('of more the first hundred are listed, and the others counted by severity', () => {
    const reports = Array.from({ length: 1_000 }, (_, index) =>
      report(index % 3 === 0 ? 'warn' : 'deny', index),
    );
    const kept = [...bounded(reports)];
    expect(kept.slice(0, MOST_REPORTS)).toEqual(reports.slice(0, MOST_REPORTS));
    expect(kept.slice(MOST_REPORTS)).toMatchObject(
      [
        { severity: 'deny', field: 'env[100]', count: 600, message: /600 more/ },
        { severity: 'warn', field: 'env[102]', count: 300 },
      ].map(({ message: _message, ...rest }) => rest),
    );
  });

  test('no more than the first hundred are held while they are made', () => {
    let made = 0;
    function* reports(): Iterable<Report> {
      for (; made < 100_000; made++) yield report('deny', made);
    }
    expect([...bounded(reports())]).toHaveLength(MOST_REPORTS + 1);
    expect(made).toBe(100_000);
  });
});

test('an answer lists twenty and tells how many more there are, counted ones included', () => {
  const world = minimalWorld();
  world.service = minimalService();
  world.service.spec.predictor.model.env = Array.from({ length: 5_000 }, () => ({
    name: 'TENSOR_PARALLEL_SIZE',
    value: '8',
  }));
  const findings = evaluateService(serviceSubject(world), {});
  const denials = findings.filter(({ severity }) => severity === 'deny');
  expect(denials).toHaveLength(MOST_REPORTS + 1);
  const body = encodeReview(
    { outcome: 'deny', findings: denials, warnings: [] },
    requestFor(world.service),
    'validate',
  );
  const { causes } = JSON.parse(body).response.status.details;
  expect(causes).toHaveLength(21);
  expect(causes[20].message).toBe('and 4980 more: headcount lint shows all');
});
