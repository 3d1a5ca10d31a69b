import { get, quoted, shown, variable, type Side } from '../cel.ts';
import type { CelRule } from '../rule.ts';

const LARGEST = Number.MAX_SAFE_INTEGER;

/**
 * A number of the schema's type integer may still be 8.0.
 * @param value an identifier
 */
export function isSize(value: string): string {
  return (
    `(type(${value}) == int ? ${value} >= 1 && ${value} <= ${LARGEST} : ` +
    `type(${value}) == double && ${value} >= 1.0 && ${value} <= ${LARGEST}.0 && double(int(${value})) == ${value})`
  );
}

const noSize = (side: Side, field: string, key: string): string =>
  `[${get(variable('worker', side), key)}].filter(a, a != null && !${isSize('a')})` +
  `.map(a, ${quoted(`${field}.${key} is `)} + ${shown('a')} + ': write a whole number of at least 1')`;

const KEYS = ['tensorParallelSize', 'pipelineParallelSize'];
const size = (side: Side, key: string): string => get(variable('worker', side), key);
const number = (value: string): string => `${isSize(value)} ? int(${value}) : 0`;
const text = (sizes: readonly string[], condition: string): string =>
  `[[${sizes.join(', ')}]].filter(s, s[0] > 0 && s[1] > 0${condition})` +
  `.map(s, 'TP ' + string(s[0]) + ' x PP ' + string(s[1]) + ' is above the cap of ' + string(${variable('maxTotal')}) + ' GPUs')`;

/** Divides, because the product of two sizes may overflow in CEL. An absent size counts as 1, the least there is. */
const tooMany = (side: Side): string =>
  text(
    KEYS.map((key) => `[${size(side, key)}].map(a, a == null ? 1 : ${number('a')})[0]`),
    ` && s[0] > ${variable('maxTotal')} / s[1]`,
  );

/** If only the new object has a size, the stored object may have got the same value from its runtime. */
const maybeBefore = (): string =>
  text(
    KEYS.map(
      (key) =>
        `[${size('', key)}].map(n, n == null ? 1 : [${size('Before', key)}].map(a, a == null ? (${number('n')}) : ${number('a')})[0])[0]`,
    ),
    '',
  );

const found =
  (field: string, before: () => string) =>
  (side: Side): string =>
    [
      noSize(side, field, 'tensorParallelSize'),
      noSize(side, field, 'pipelineParallelSize'),
      side === '' ? tooMany(side) : before(),
    ].join(' +\n');

export const rule: CelRule = {
  id: 'parallel-size',
  covers: 'a size that is no whole number of at least 1; TP x PP above the cap, an absent size counting as 1',
  services: found('spec.predictor.workerSpec', maybeBefore),
  runtimes: found('spec.workerSpec', () => tooMany('Before')),
  left: [
    { what: 'a size that a service inherits, and the product with it', why: 'the runtime is another object' },
    {
      what: 'a product above the cap on an update that writes a size where there was none',
      why: "the size may have been the runtime's before",
    },
  ],
};
