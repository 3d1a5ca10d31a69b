import { HEAD_RESERVED, WORKER_RESERVED } from '../../kserve/wiring.ts';
import { get, listAt, listOf, variable } from '../cel.ts';
import type { CelRule } from '../rule.ts';

const withValueFrom = (container: string, field: string, names: readonly string[]): string =>
  listAt(container, 'env') +
  `.filter(e, type(e) == map && ${get('e', 'name')} in ${listOf(names)} && ${get('e', 'valueFrom')} != null)` +
  `.map(e, ${field} + '.env has ' + e.name + ' with valueFrom: remove it')`;

export const rule: CelRule = {
  id: 'reserved-env',
  covers: 'env that KServe sets, given with valueFrom in head or worker',
  services: (side) =>
    `${withValueFrom(variable('model', side), variable('modelField', side), HEAD_RESERVED)} +\n` +
    withValueFrom(variable('firstWorker', side), "'spec.predictor.workerSpec.containers[]'", WORKER_RESERVED),
  left: [{ what: "in the containers of a service's runtime", why: 'the runtime is another object' }],
};
