/**
 * workerSpec has one container, named worker-container.
 *
 * Reads: workerSpec.containers of the service and of runtimes.
 * Allowed: no list (KServe takes the runtime's), or one container of that name. An empty list is filled by
 * /mutate; stored as it is, it makes KServe's controller panic.
 * Why: KServe merges the first container over the runtime's worker-container and looks the result up by
 * that name; another name fails in reconcile, and its webhook refuses a second container.
 * Source: docs/kserve.md, Merge of service and runtime; docs/kserve.md, Services that KServe admits and cannot run;
 * kserve/kserve#4986, #5920.
 */
import type { ContainerView } from '../kserve/container.ts';
import { WORKER_CONTAINER } from '../kserve/names.ts';
import type { Report, Rule } from './rule.ts';
import { quote } from '../lib/text.ts';

export const rule: Rule = {
  id: 'worker-container',
  summary: 'workerSpec has one container, named worker-container',
  checkService({ service: { worker } }) {
    if (worker === null || worker.containersGiven === 'absent') return [];
    if (worker.containersGiven === 'malformed') return [noList(worker.containersField)];
    if (worker.containers.length === 0) return [empty(worker.containersField)];
    return containers(worker.containersField, worker.containers);
  },
  checkRuntime({ runtime: { worker } }) {
    if (worker === null) return [];
    if (worker.containers.length === 0) return [empty(worker.containersField)];
    return containers(worker.containersField, worker.containers);
  },
};

function containers(field: string, list: readonly ContainerView[]): readonly Report[] {
  const [first] = list;
  return [
    ...(first !== undefined && first.name !== WORKER_CONTAINER ? [otherName(first)] : []),
    ...(list.length > 1 ? [several(field, list.length)] : []),
  ];
}

function noList(field: string): Report {
  return {
    severity: 'deny',
    field,
    message: 'containers is no list',
    fix: `write containers: [{name: ${WORKER_CONTAINER}}]`,
    short: `containers is no list: write one container named ${WORKER_CONTAINER}`,
  };
}

function empty(field: string): Report {
  return {
    severity: 'deny',
    field,
    message: "containers is empty, on which KServe's controller panics",
    fix: `write one container named ${WORKER_CONTAINER}`,
    short: `containers is empty: write one container named ${WORKER_CONTAINER}`,
  };
}

function otherName(container: ContainerView): Report {
  const shown = container.name === null ? 'has no name' : `is named ${quote(container.name)}`;
  return {
    severity: 'deny',
    field: `${container.field}.name`,
    message: `the worker's container ${shown}; KServe looks for ${WORKER_CONTAINER} and fails`,
    fix: `name it ${WORKER_CONTAINER}`,
    short: `the worker's container ${shown}: name it ${WORKER_CONTAINER}`,
  };
}

function several(field: string, count: number): Report {
  return {
    severity: 'deny',
    field,
    message: `workerSpec has ${count} containers, and KServe takes one only`,
    fix: `keep the one named ${WORKER_CONTAINER}`,
    short: `workerSpec has ${count} containers: keep the one named ${WORKER_CONTAINER}`,
  };
}
