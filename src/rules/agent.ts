/**
 * KServe's agent finds the probe that it needs.
 *
 * Reads: predictor.logger and predictor.batcher; the readiness probes of head, transformer-container and worker after
 * KServe's merge.
 * Warned: logger or batcher where the container that the agent asks has no HTTP or TCP readiness probe. In the head's pod
 * that is the transformer-container where there is one, else kserve-container; in a worker's pod the worker container.
 * Why: either brings KServe's agent into the pods of head and worker. Without such a probe it lacks
 * SERVING_READINESS_PROBE and ends at once, again and again, so that the pod is never ready.
 * Source: docs/kserve.md, Services that KServe admits and cannot run.
 */
import type { ContainerView } from '../kserve/container.ts';
import { mergedPairs, type MergedPair } from '../kserve/merge.ts';
import { property } from '../lib/json.ts';
import type { Report, Rule } from './rule.ts';

export const rule: Rule = {
  id: 'agent',
  summary: "KServe's agent has a readiness probe to ask",
  needsPlan: true,
  checkService({ service, runtime, plan }) {
    const [field] = service.agents;
    if (field === undefined || service.worker === null || service.model === null) return [];
    if (runtime.status !== 'found') return [];
    const hasWorkers = plan !== null && plan.worker.replicas > 0;
    const pairs = mergedPairs(service, runtime.runtime);
    const asked = pairs.filter(({ role }) =>
      role === 'worker' ? hasWorkers : role === 'transformer' || pairs.length === 2,
    );
    const blind = asked.filter((pair) => !isProbed(pair)).map(({ role }) => role);
    return blind.length === 0 ? [] : [report(field, blind)];
  },
};

function isProbed({ ofRuntime, own }: MergedPair): boolean {
  return isOverNetwork(ofRuntime) || isOverNetwork(own);
}

function isOverNetwork(container: ContainerView | null): boolean {
  const probe = container?.readinessProbe ?? null;
  return ['httpGet', 'tcpSocket'].some((kind) => (property(probe, kind) ?? null) !== null);
}

function report(field: string, blind: readonly MergedPair['role'][]): Report {
  const roles = blind.join(' and ');
  const key = field.split('.').at(-1) ?? '';
  return {
    severity: 'warn',
    field,
    message:
      `${key} brings KServe's agent into head and workers, and it ends at once without an HTTP or TCP readiness probe, ` +
      `which ${roles} ${blind.length === 1 ? 'does' : 'do'} not have`,
    fix: `remove logger and batcher, or take a runtime with a readinessProbe of httpGet or tcpSocket in the ${roles}`,
    short: `${key} brings KServe's agent, which ends at once: no HTTP or TCP readiness probe in the ${roles}`,
  };
}
