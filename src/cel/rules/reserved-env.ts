import { HEAD_RESERVED, WORKER_RESERVED } from '../../kserve/wiring.ts';
import { flat, get, listAt, listOf, variable } from '../cel.ts';
import type { CelRule } from '../rule.ts';

const withValueFrom = (container: string, field: string, names: readonly string[]): string =>
  listAt(container, 'env') +
  `.filter(e, type(e) == map && ${get('e', 'name')} in ${listOf(names)} && ${get('e', 'valueFrom')} != null)` +
  `.map(e, ${field} + '.env has ' + e.name + ' with valueFrom: remove it')`;

const withPythonPath = (places: string): string =>
  flat(
    `${places}.map(p, ${listAt('p.of', 'env')}` +
      `.filter(e, type(e) == map && ${get('e', 'name')} == 'PYTHONPATH')` +
      `.map(e, p.at + '.env has PYTHONPATH: remove it'))`,
  );

export const rule: CelRule = {
  id: 'reserved-env',
  covers: 'env that KServe sets, given with valueFrom in head or worker; PYTHONPATH in any container',
  services: (side) =>
    `${withValueFrom(variable('model', side), variable('modelField', side), HEAD_RESERVED)} +\n` +
    withValueFrom(
      variable('firstWorker', side),
      "'spec.predictor.workerSpec.containers[]'",
      WORKER_RESERVED,
    ) +
    ` +\n${withPythonPath(variable('places', side))}`,
  // KServe looks at no init containers of a runtime.
  runtimes: (side) =>
    `${variable('multiNode', side)} ? ` +
    withPythonPath(`${variable('places', side)}.filter(p, !string(p.at).contains('initContainers'))`) +
    ' : []',
  left: [{ what: "in the containers of a service's runtime", why: 'the runtime is another object' }],
};
