/**
 * A service that names a multi-node runtime says workerSpec.
 *
 * Reads: predictor.workerSpec (absent or null) and the named runtime.
 * Warned: the runtime alone does not make a service multi-node; KServe then starts the head of a Ray cluster
 * to which no worker ever comes.
 * Allowed: a workerSpec in another place, which unknown-field reports.
 * Source: docs/kserve.md, The guide.
 */
import type { Rule } from './rule.ts';
import { quote } from '../lib/text.ts';
import { hasMisplacedWorkerSpec } from './unknown-field.ts';

export const rule: Rule = {
  id: 'not-multi-node',
  summary: 'A service on a multi-node runtime has a workerSpec',
  checkService({ service, runtime }) {
    if (service.worker !== null || runtime.status !== 'found' || runtime.how !== 'named') return [];
    if (runtime.runtime.worker === null || hasMisplacedWorkerSpec(service)) return [];
    const name = `${runtime.runtime.kind} ${quote(runtime.runtime.name)}`;
    return [
      {
        severity: 'warn',
        field: `${service.predictorField}.workerSpec`,
        message: `${name} is multi-node, but the service has no workerSpec, so one pod without workers is started`,
        fix: 'write workerSpec: {pipelineParallelSize: 2} for two pods, or name a runtime for one node',
        short: `${name} is multi-node, but there is no workerSpec: write one, or name a runtime for one node`,
      },
    ];
  },
};
