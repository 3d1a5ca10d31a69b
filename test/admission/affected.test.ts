/** What is said of the services on a changed runtime follows what is enforced in each service's namespace. */
import { expect, test } from '@jest/globals';
import { admit } from '../../src/admission/admit.ts';
import { affectedServices } from '../../src/admission/affected.ts';
import { readRuntime } from '../../src/kserve/runtime.ts';
import { minimalRuntime, minimalService, type Loose } from '../rules/cases.ts';
import { clusterOf, configOf, patched, requestFor } from '../support/helpers.ts';

/** The runtime with a pipeline parallel size, which services inherit. */
function runtimeWith(pipelineParallelSize: number): Loose {
  const runtime = minimalRuntime();
  Object.assign(runtime.spec.workerSpec, { tensorParallelSize: 8, pipelineParallelSize });
  return runtime;
}

/** A service as headcount has stored it: with the sizes of the runtime, which are taken back at its next edit. */
async function stored(): Promise<Loose> {
  const service = minimalService();
  delete service.spec.predictor.workerSpec.tensorParallelSize;
  delete service.spec.predictor.workerSpec.pipelineParallelSize;
  const decision = await admit('mutate', requestFor(service), clusterOf([runtimeWith(2)]), configOf());
  if (decision.outcome !== 'allow') throw new Error('denied');
  return patched(service, decision.patch);
}

test.each([
  [{}, ['keeps']],
  [{ 'headcount.dev/enforce': 'warn' }, ['keeps']],
  [{ 'headcount.dev/enforce': 'off' }, []],
])('a namespace with the labels %j', async (labels, effects) => {
  const service = await stored();
  const cluster = clusterOf([runtimeWith(2)], {
    namespaceLabels: () => new Map(Object.entries(labels)),
    async *services() {
      yield [service];
    },
  });
  const config = configOf({ namespaces: { labels: true, exempt: [] } });
  const [after, before] = [readRuntime(runtimeWith(3)), readRuntime(runtimeWith(2))];
  const { services } = await affectedServices(after, before, cluster, config);
  expect(services.map(({ effect }) => effect)).toEqual(effects);
});
