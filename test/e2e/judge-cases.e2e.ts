/** The judge of KServe 0.19.0 says what was recorded of that release's packages, on 123 manifests. */
import { afterAll, describe, expect } from '@jest/globals';
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
