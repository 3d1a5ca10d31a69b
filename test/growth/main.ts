/**
 * `npm run growth`: every string, list and map that KServe's CRDs allow is blown up, alone and in pairs, and sent to
 * the server as it ships. Ends with 1 where a review costs more than in proportion to its size, or harms others.
 *
 *   npm run growth                     every field; takes more than half an hour
 *   npm run growth -- --short          the fields that headcount reads, for CI
 *   npm run growth -- --only env       the cases whose name has this text
 *   npm run growth -- --list           their names alone
 */
import { parseArgs } from 'node:util';
import { exitCodeOf, table } from '../support/targets.ts';
import { casesOf } from './cases.ts';
import { measure, type Measured } from './measure.ts';
import { isRead } from './read.ts';
import { figuresOf, lineOf, overOf, worstOf } from './report.ts';
import { fieldsOf, KINDS, readSchemas } from './schema.ts';
import { World } from './world.ts';

const KB = 1_000;
/** With 58 KB a review is below the size from which its judging is stopped in time. Kubernetes takes 256 KiB of annotations. */
const SIZES = [16 * KB, 58 * KB, 256 * KB, 1_500 * KB];
const SHORT_SIZES = SIZES.slice(1);

/** A line every so many cases. */
const PROGRESS = 500;
/** How many runtimes of 1.3 MB are stored at the start. */
const MANY = {
  short: [[60, 'listed']],
  whole: [
    [20, 'listed'],
    [60, 'listed'],
    [200, 'listed'],
    [49, 'in files'],
    [49, 'in one file'],
  ],
} as const;

const { values: options } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    list: { type: 'boolean', default: false },
  },
});
process.exitCode = await growth();

async function growth(): Promise<0 | 1 | 2> {
  const { absent, schemas } = readSchemas();
  if (absent !== null) {
    console.log(`NOT MEASURED, because ${absent} is absent: how costs grow with the size of a field`);
    return 2;
  }
  const fields = KINDS.flatMap((kind) => fieldsOf(kind, schemas.get(kind) ?? {}));
  const chosen = options.short ? fields.filter(isRead) : fields;
  // Those with a stored runtime last: they need another server.
  const cases = casesOf(chosen, options.short)
    .filter(({ name }) => name.includes(options.only))
    .toSorted((a, b) => Number(a.stored) - Number(b.stored));
  console.log(`${chosen.length} of ${fields.length} fields, ${cases.length} cases`);
  if (options.list) {
    for (const { name, phase } of cases) console.log(`/${phase} ${name}`);
    return 0;
  }
  const world = new World();
  console.log(`the server is ${world.how}`);
  const began = performance.now();
  const all: Measured[] = [];
  for (const one of cases) {
    const measured = await measure(one, options.short ? SHORT_SIZES : SIZES, world);
    all.push(measured);
    if (all.length % PROGRESS === 0) console.log(`${all.length} of ${cases.length}`);
    const over = overOf(measured);
    if (over.length > 0) console.log(`OVER ${lineOf(measured)}\n    ${over.join('\n    ')}`);
  }
  const many = await world.manyRuntimes(options.only === '' ? MANY[options.short ? 'short' : 'whole'] : []);
  await world.stop();
  console.log(`\nthe worst\n${worstOf(all).map(lineOf).join('\n')}`);
  const seconds = (performance.now() - began) / 1_000;
  const figures = [...figuresOf(all, seconds, world.starts), ...many];
  console.log(`\n${table(figures)}`);
  return exitCodeOf(figures);
}
