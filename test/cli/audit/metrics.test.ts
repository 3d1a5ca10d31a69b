/** The figures of an audit, as a Prometheus reads them; promtool reads them too in test/e2e/audit.e2e.ts. */
import { expect, test } from '@jest/globals';
import { assess } from '../../../src/admission/assess-as-enforced.ts';
import { metrics } from '../../../src/cli/audit/metrics.ts';
import { releaseInForce } from '../../../src/kserve/installed.ts';
import { clusterOf, configOf } from '../../support/helpers.ts';
import { minimalRuntime, minimalService, type Loose } from '../../rules/cases.ts';

const RUNTIME = { ...minimalRuntime(), kind: 'ClusterServingRuntime', metadata: { name: 'rt' } };

async function figuresOf(
  changes: readonly ((service: Loose) => void)[],
): Promise<ReadonlyMap<string, number>> {
  const config = configOf({ rules: { 'vllm-args': 'off' } });
  const services = changes.map(async (change) => {
    const object = minimalService();
    change(object);
    const assessment = await assess(object, clusterOf([RUNTIME]), config, 'validate');
    return { assessment, change: null, fit: null };
  });
  const text = await metrics({
    services: await Promise.all(services),
    ground: null,
    release: releaseInForce('0.19', { status: 'unread', why: '' }),
  });
  const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    samples.map((line) => [
      line.slice(0, line.lastIndexOf(' ')),
      Number(line.slice(line.lastIndexOf(' ') + 1)),
    ]),
  );
}

const fine = (): void => {};
const denied = ({ spec }: Loose): void => {
  spec.predictor.minReplicas = 2;
};
/** GPUs of its second head. */
const MORE = 8;
const stopped = ({ metadata }: Loose): void => {
  metadata.annotations['serving.kserve.io/stop'] = 'true';
};

test('services by verdict, findings by rule, GPUs of what runs', async () => {
  const one = await figuresOf([fine]);
  const reserved = one.get('headcount_audit_gpus{use="reserved"}') ?? 0;
  expect(reserved).toBeGreaterThan(0);

  const figures = await figuresOf([fine, denied, stopped]);
  expect(figures.get('headcount_audit_services{verdict="fine"}')).toBe(2);
  expect(figures.get('headcount_audit_services{verdict="denied"}')).toBe(1);
  expect(figures.get('headcount_audit_services{verdict="warned"}')).toBe(0);
  expect(figures.get('headcount_audit_findings{rule="head-replicas",severity="deny"}')).toBe(1);
  expect(figures.get('headcount_audit_gpus{use="reserved"}')).toBe(2 * reserved + MORE);
});

test('what nothing was found of is 0 and not absent, and nothing names a service', async () => {
  const none = await figuresOf([]);
  const some = await figuresOf([fine, denied]);
  expect([...none.keys()]).toEqual([...some.keys()]);
  expect([...none.values()].every((value) => value === 0)).toBe(true);
});
