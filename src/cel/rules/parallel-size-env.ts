import { cut, flat, get, listAt, listOf, variable, type Side } from '../cel.ts';
import type { CelRule } from '../rule.ts';

const NAMES = listOf(['TENSOR_PARALLEL_SIZE', 'PIPELINE_PARALLEL_SIZE']);

const found = (side: Side): string => {
  const how =
    `${get('e', 'valueFrom')} != null ? ' with valueFrom' : ` +
    `type(${get('e', 'value')}) == string ? ' "' + ${cut('e.value')} + '"' : ''`;
  return flat(
    `${variable('places', side)}.map(p, ${listAt('p.of', 'env')}` +
      `.filter(e, type(e) == map && ${get('e', 'name')} in ${NAMES})` +
      `.map(e, p.at + '.env has ' + e.name + (${how}) + ': set the size in workerSpec'))`,
  );
};

export const rule: CelRule = {
  id: 'parallel-size-env',
  covers: 'both names, as a value or as valueFrom, in every container of the object',
  services: found,
  runtimes: (side) => `!${variable('multiNode', side)} ? [] :\n${found(side)}`,
  left: [{ what: "in the containers of a service's runtime", why: 'the runtime is another object' }],
};
