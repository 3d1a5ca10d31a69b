/**
 * The recorded cases of KServe 0.19.0. The judge of that release gives what was recorded. headcount denies what KServe
 * refuses or fails on, and admits what KServe deploys; what it does otherwise stands in a list with the reason.
 */
import { afterAll, describe, expect } from '@jest/globals';
import { assess } from '../../src/admission/assess.ts';
import { catalogueOf } from '../../src/cluster/catalogue.ts';
import { DEFAULTS } from '../../src/config/config.ts';
import { failureOf } from '../oracle/agreement.ts';
import { DENIED_THOUGH_DEPLOYED, ADMITTED_THOUGH_REFUSED } from '../oracle/case-exceptions.ts';
import { Judge, type Container, type Deployment, type Verdict } from '../oracle/judge.ts';
import type { Loose } from '../rules/cases.ts';
import { recordedCases, testWithShared, type RecordedCase } from '../support/shared.ts';

describe('the recorded cases', () => {
  const judge = new Judge('0.19.0');
  afterAll(() => judge.close());

  testWithShared('are what the judge says', async () => {
    for (const recorded of recordedCases()) {
      const verdict = await verdictOf(recorded);
      expect({ name: recorded.name, ...asRecorded(verdict) }).toEqual({
        name: recorded.name,
        ...recorded.kserve,
      });
    }
  });

  testWithShared('are denied where KServe refuses or fails, and admitted where it deploys', async () => {
    const unexpected: string[] = [];
    for (const recorded of recordedCases()) {
      const { name } = recorded;
      const { findings } = await assess(
        serviceOf(recorded),
        catalogueOf(recorded.docs, 'complete'),
        DEFAULTS,
      );
      const rules = [
        ...new Set(findings.filter(({ severity }) => severity === 'deny').map(({ rule }) => rule)),
      ];
      const failure = failureOf(await verdictOf(recorded));
      if (failure === null && rules.length > 0 && !(name in DENIED_THOUGH_DEPLOYED)) {
        unexpected.push(`${name}: denied by ${rules.join(', ')}; KServe deploys it`);
      }
      if (failure !== null && rules.length === 0 && !(name in ADMITTED_THOUGH_REFUSED)) {
        unexpected.push(`${name}: admitted; ${failure}`);
      }
    }
    expect(unexpected).toEqual([]);
  });

  function verdictOf(recorded: RecordedCase): Promise<Verdict> {
    return judge.ask({
      service: serviceOf(recorded),
      runtimes: recorded.docs.filter(({ kind }) => String(kind).endsWith('ServingRuntime')),
    });
  }
});

function serviceOf({ docs }: RecordedCase): Loose {
  return docs.find(({ kind }) => kind === 'InferenceService');
}

/** The form of the recordings, which name no autoscalers. */
function asRecorded({ webhook, error, panic, deployments = {}, services = {} }: Verdict): object {
  const names = Object.keys(services).sort();
  return {
    ...(webhook !== undefined && { webhook }),
    ...(error !== undefined && { error }),
    ...(panic !== undefined && { panic }),
    deployments: mapped(Object.entries(deployments), deploymentAsRecorded),
    services: names.length === 0 ? null : names,
  };
}

function deploymentAsRecorded({ replicas, strategy, template }: Deployment): object {
  const { containers } = template.spec;
  const byName = <T>(value: (container: Container) => T): Record<string, T> =>
    mapped(
      containers.map((container) => [container.name, container]),
      value,
    );
  const { maxUnavailable = '<nil>', maxSurge = '<nil>' }: Loose = strategy.rollingUpdate ?? {};
  return {
    replicas: replicas ?? null,
    strategy: [strategy.type, ...(strategy.rollingUpdate ? [maxUnavailable, maxSurge] : [])].join('/'),
    images: byName(({ image = '' }) => image),
    requests: byName(({ resources }) => resources?.requests ?? {}),
    limits: byName(({ resources }) => resources?.limits ?? {}),
    env: byName(({ env = [] }) => Object.fromEntries(env.map(({ name, value = '' }) => [name, value]))),
    containers: containers.map(({ name }) => name),
  };
}

function mapped<From, To>(
  entries: readonly (readonly [string, From])[],
  change: (value: From) => To,
): Record<string, To> {
  return Object.fromEntries(entries.map(([key, value]) => [key, change(value)]));
}
