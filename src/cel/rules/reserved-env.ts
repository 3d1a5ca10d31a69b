import { releaseNamed } from '../../kserve/releases.ts';
import { headReserved, workerReserved } from '../../kserve/wiring.ts';
import { flat, get, listAt, listOf, variable } from '../cel.ts';
import type { CelRule } from '../rule.ts';

/** What every release sets. */
const OLDEST = releaseNamed('0.15');

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
    `${withValueFrom(variable('model', side), variable('modelField', side), headReserved(OLDEST))} +\n` +
    withValueFrom(
      variable('firstWorker', side),
      "'spec.predictor.workerSpec.containers[]'",
      workerReserved(OLDEST),
    ) +
    ` +\n${withPythonPath(variable('places', side))}`,
  // KServe looks at no init containers of a runtime.
  runtimes: (side) =>
    `${variable('multiNode', side)} ? ` +
    withPythonPath(`${variable('places', side)}.filter(p, !string(p.at).contains('initContainers'))`) +
    ' : []',
  left: [
    { what: "in the containers of a service's runtime", why: 'the runtime is another object' },
    {
      what: 'INFERENCE_SERVICE_NAME and WORKER_SVC',
      why: 'older releases do not set them, and which one runs is not known',
    },
  ],
};
