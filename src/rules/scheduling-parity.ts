/**
 * Workers can go where the head can.
 *
 * Reads: nodeSelector and tolerations of predictor and workerSpec, each merged with the runtime's.
 * Warned: what the head has and the worker lacks. A tool that sets up GPU nodes often writes to the head only,
 * and the workers then stay pending.
 * Source: docs/kserve.md, Services that run otherwise than meant; OpenShift AI's hardware profiles write to the
 * predictor alone.
 */
import { asObject, asString, equalJson, property } from '../lib/json.ts';
import type { Scheduling } from '../kserve/worker.ts';
import type { Report, Rule } from './rule.ts';
import { quote, visible } from '../lib/text.ts';

export const rule: Rule = {
  id: 'scheduling-parity',
  summary: 'The worker has the nodeSelector and tolerations of the head',
  *checkService({ service, runtime, plan }) {
    if (service.worker === null || plan === null || plan.worker.replicas === 0) return;
    if (runtime.status !== 'found') return;
    const head = merged(runtime.runtime.scheduling, service.scheduling);
    const worker = merged(runtime.runtime.worker?.scheduling, service.worker.scheduling);
    yield* selectors(head, worker);
    yield* tolerations(head, worker);
  },
};

/** The service's keys win; its list of tolerations, which has no key to merge by, replaces the runtime's. */
function merged(ofRuntime: Scheduling | undefined, own: Scheduling): Scheduling {
  if (ofRuntime === undefined) return own;
  return {
    ...own,
    nodeSelector: { ...ofRuntime.nodeSelector, ...own.nodeSelector },
    tolerations: own.tolerations.length > 0 ? own.tolerations : ofRuntime.tolerations,
  };
}

function* selectors(head: Scheduling, worker: Scheduling): Iterable<Report> {
  for (const [key, value] of Object.entries(head.nodeSelector)) {
    if (equalJson(value, property(worker.nodeSelector, key))) continue;
    const pair = `${visible(key)}: ${quote(value)}`;
    yield {
      severity: 'warn',
      field: worker.nodeSelectorField,
      message: `the head selects nodes with ${pair}, the worker does not`,
      fix: `write the same under workerSpec.nodeSelector`,
      short: `the head selects nodes with ${pair}, the worker does not: write it there too`,
    };
  }
}

function* tolerations(head: Scheduling, worker: Scheduling): Iterable<Report> {
  if (head.tolerations.length === 0 || worker.tolerations.some(toleratesAll)) return;
  // Compared as texts, since each list may be thousands long.
  const tolerated = new Set(worker.tolerations.map(ordered));
  for (const toleration of head.tolerations) {
    if (tolerated.has(ordered(toleration))) continue;
    const key = quote(asString(property(toleration, 'key')) ?? '');
    yield {
      severity: 'warn',
      field: worker.tolerationsField,
      message: `the head tolerates the taint ${key}, the worker does not and may stay pending`,
      fix: 'write the same toleration under workerSpec.tolerations',
      short: `the head tolerates the taint ${key}, the worker does not: write it there too`,
    };
  }
}

/** Kubernetes: Exists without a key (and without an effect) matches every taint. */
function toleratesAll(toleration: unknown): boolean {
  return (
    property(toleration, 'operator') === 'Exists' &&
    !property(toleration, 'key') &&
    !property(toleration, 'effect')
  );
}

/** Its JSON, with the keys of each object in order: equal values give equal texts. */
function ordered(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    const object = asObject(item);
    return object === null ? item : Object.fromEntries(Object.entries(object).toSorted(byKey));
  });
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
