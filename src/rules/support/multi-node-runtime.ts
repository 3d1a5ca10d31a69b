/** Can a runtime that KServe takes make head and workers? For the rule runtime. */
import { HEAD_CONTAINER, WORKER_CONTAINER } from '../../kserve/names.ts';
import type { RuntimeView } from '../../kserve/runtime.ts';
import { quote } from '../../lib/text.ts';
import type { Report } from './finding.ts';

/** KServe's own runtime for several nodes. */
const OF_KSERVE = 'kserve-huggingfaceserver-multinode';

/** @param field of the service, where its runtime is named */
export function multiNode(field: string, runtime: RuntimeView): readonly Report[] {
  const name = `${runtime.kind} ${quote(runtime.name)}`;
  const broken = (problem: string, why: string, fix: string, advice: string): readonly Report[] => [
    {
      severity: 'deny',
      field,
      message: `${name} has ${problem}${why}`,
      fix,
      short: `${name} has ${problem}${advice}`,
    },
  ];
  if (runtime.worker === null) {
    return broken(
      'no workerSpec',
      ", so it can not run over several nodes; KServe's controller fails on it",
      runtime.name === OF_KSERVE
        ? `write a workerSpec into ${name}, as KServe ships it, or take workerSpec out of the service`
        : `use a multi-node runtime such as ${OF_KSERVE}, or take workerSpec out`,
      ': use a multi-node runtime',
    );
  }
  if (runtime.head === null) {
    return broken(
      runtime.containers.length === 0 ? 'no containers' : `no container named ${HEAD_CONTAINER}`,
      ', so KServe has nothing to make the head of; its controller fails on it',
      `call the container that serves ${HEAD_CONTAINER} in ${name}`,
      ': KServe fails on it',
    );
  }
  if (runtime.worker.container === null) {
    return broken(
      `no container named ${WORKER_CONTAINER} in its workerSpec`,
      "; KServe's controller fails on it",
      `call the worker's container ${WORKER_CONTAINER} in ${name}`,
      ': KServe fails on it',
    );
  }
  return [];
}

/** Only a warning, because KServe admits the runtime and fails on the services. */
export function withoutHead({ worker, head, containers }: RuntimeView): readonly Report[] {
  if (worker === null || head !== null) return [];
  const found =
    containers.length === 0 ? 'there are no containers' : `no container is named ${HEAD_CONTAINER}`;
  const why =
    'so KServe has nothing to make the head of, and fails on each multi-node service of this runtime';
  const fix = `call the container that serves ${HEAD_CONTAINER}`;
  return [
    {
      severity: 'warn',
      field: 'spec.containers',
      message: `${found}, ${why}`,
      fix,
      short: `${found}, and KServe fails on each multi-node service of this runtime: ${fix}`,
    },
  ];
}
