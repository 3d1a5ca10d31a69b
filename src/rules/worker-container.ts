/**
 * workerSpec has one container, named worker-container.
 *
 * Reads: workerSpec.containers of the service and of runtimes, and the name of the service's model.
 * Allowed: no list (KServe takes the runtime's), or one container of that name; in a service also one without a
 * name, which takes the runtime's and is what Go clients send. An empty list is filled by /mutate; stored as it is,
 * it makes KServe's controller panic.
 * Why: KServe merges the first container over the runtime's worker-container and looks the result up by
 * that name; another name fails in reconcile, and its webhook refuses a second container, as it does a name of
 * predictor.model.
 * Source: docs/kserve.md, Merge of service and runtime; docs/kserve.md, Services that KServe admits and cannot run;
 * docs/kserve.md, What KServe's webhooks check; kserve/kserve#4986, #5920.
 */
import type { ContainerView } from '../kserve/container.ts';
import { isWorkerName } from '../kserve/merge.ts';
import { WORKER_CONTAINER } from '../kserve/names.ts';
import type { ModelView } from '../kserve/model.ts';
import type { WorkerView } from '../kserve/worker.ts';
import type { Report, Rule } from './rule.ts';
import { quote } from '../lib/text.ts';

export const rule: Rule = {
  id: 'worker-container',
  summary: 'workerSpec has one container, named worker-container',
  checkService({ service: { worker, model } }) {
    if (worker === null) return [];
    return [...named(model), ...ofWorker(worker)];
  },
  checkRuntime({ runtime: { worker } }) {
    if (worker === null) return [];
    if (worker.containers.length === 0) return [empty(worker.containersField)];
    return containers(worker.containersField, worker.containers, (name) => name === WORKER_CONTAINER);
  },
};

function ofWorker(worker: WorkerView): readonly Report[] {
  if (worker.containersGiven === 'absent') return [];
  if (worker.containersGiven === 'malformed') return [noList(worker.containersField)];
  if (worker.containers.length === 0) return [empty(worker.containersField)];
  return containers(worker.containersField, worker.containers, (name) => name !== null && isWorkerName(name));
}

/** The model gets the name of the runtime's container. KServe's webhook refuses any name here, even that one. */
function named(model: ModelView | null): readonly Report[] {
  if (model === null || !model.name) return [];
  return [
    {
      severity: 'deny',
      field: `${model.field}.name`,
      message: `the model is named ${quote(model.name)}, and KServe refuses a model with a name`,
      fix: `remove ${model.field}.name`,
      short: `KServe refuses the name ${quote(model.name)} of the model: remove it`,
    },
  ];
}

function containers(
  field: string,
  list: readonly ContainerView[],
  isFine: (name: string | null) => boolean,
): readonly Report[] {
  const [first] = list;
  return [
    ...(first !== undefined && !isFine(first.name) ? [otherName(first)] : []),
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
  const shown = !container.name ? 'has no name' : `is named ${quote(container.name)}`;
  const why =
    container.name === null
      ? 'the API server requires one'
      : `KServe looks for ${WORKER_CONTAINER} and fails`;
  return {
    severity: 'deny',
    field: `${container.field}.name`,
    message: `the worker's container ${shown}; ${why}`,
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
