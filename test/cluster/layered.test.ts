/** Manifests over a cluster: they count as if they were applied already. */
import { expect, test } from '@jest/globals';
import { affectedServices } from '../../src/admission/affected.ts';
import { catalogueOf } from '../../src/cluster/catalogue.ts';
import { layered } from '../../src/cluster/layered.ts';
import { DEFAULTS } from '../../src/config/config.ts';
import { readRuntime } from '../../src/kserve/runtime.ts';
import { minimalRuntime, minimalService, type Loose } from '../rules/cases.ts';

function service(name: string, change: (metadata: Loose) => void = () => {}): Loose {
  const object = minimalService();
  object.metadata.name = name;
  delete object.spec.predictor.workerSpec.pipelineParallelSize;
  change(object.metadata);
  return object;
}

const from = (side: string) => (metadata: Loose) => (metadata.labels = { side });
const manifests = catalogueOf(
  [service('both', from('manifest')), service('new', from('manifest'))],
  'partial',
);
const live = catalogueOf(
  [service('both', from('cluster')), service('old', from('cluster')), minimalRuntime()],
  'complete',
);

test('services of both, the manifest of those that are in both', async () => {
  const found: string[] = [];
  for (const namespace of [null, 'team', 'other']) {
    for await (const page of layered(manifests, live).services(namespace)) {
      found.push(...page.map(({ metadata }: Loose) => `${metadata.name} of the ${metadata.labels.side}`));
    }
  }
  const team = ['both of the manifest', 'new of the manifest', 'old of the cluster'];
  expect(found).toEqual([...team, ...team]);
});

test('a change of a runtime names the services of the manifests, too', async () => {
  const next = minimalRuntime();
  next.spec.workerSpec.pipelineParallelSize = 2;
  const { services } = await affectedServices(
    readRuntime(next),
    readRuntime(minimalRuntime()),
    layered(manifests, live),
    DEFAULTS,
  );
  expect(services.map(({ name }) => name)).toEqual(['both', 'new', 'old']);
});
