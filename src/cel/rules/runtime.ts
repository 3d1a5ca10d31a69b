import { get, mapAt, variable } from '../cel.ts';
import type { CelRule } from '../rule.ts';

export const rule: CelRule = {
  id: 'runtime',
  covers:
    'workerSpec without a model, or with two of them; Triton; a model without a format; an empty name of a runtime; workerSpec taken out of a runtime',
  services: (side) => {
    const keys = variable('modelKeys', side);
    const name = get(mapAt(variable('model', side), 'modelFormat'), 'name');
    const runtime = `(${keys}[0] == 'model' ? ${get(variable('model', side), 'runtime')} : null)`;
    const format = `(${keys}[0] == 'model' ? ${name} : ${keys}[0])`;
    return (
      `size(${keys}) == 0 ? ['spec.predictor has workerSpec but no model'] : ` +
      `size(${keys}) > 1 ? ${keys}.filter(k, k != ${keys}[0]).map(k, 'spec.predictor.' + k + ' stands beside spec.predictor.' + ${keys}[0] + ': remove it') : ` +
      `[${format}].map(a, a == 'triton' ? ['Triton can not run over several nodes: use a vLLM runtime'] : ` +
      `type(a) == string && a != '' ? [] : [${variable('modelField', side)} + '.modelFormat.name is missing'])[0] +\n` +
      `[${runtime}].filter(a, a == '').map(a, ${variable('modelField', side)} + '.runtime is empty: remove it')`
    );
  },
  // The fault is the change itself, so the stored object has none.
  runtimes: (side) =>
    side === 'Before'
      ? '[]'
      : `${variable('multiNodeBefore')} && !${variable('multiNode')} ? ['spec.workerSpec was taken out: multi-node services of this runtime would fail'] : []`,
  left: [
    {
      what: 'a runtime that is missing, disabled, of another format or protocol, or not multi-node; none that fits',
      why: 'the runtime is another object',
    },
  ],
};
