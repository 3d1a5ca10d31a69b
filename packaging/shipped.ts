/** Node's flags and environment in a pod, for tests and benchmarks that run headcount elsewhere. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { environmentOf, readStages, wordsOf } from './image/dockerfile.ts';

const ROOT = join(import.meta.dirname, '..');

export interface Shipped {
  /** Node's flags; the size of the heap follows from the memory limit. */
  readonly flags: readonly string[];
  /** Without the compile cache, which is in the image only. */
  readonly environment: Readonly<Record<string, string>>;
}

/** @returns the flags and the environment that the image and the chart set */
export function shipped(): Shipped {
  const image = readStages().at(-1) ?? [];
  const values = parse(readFileSync(join(ROOT, 'charts/headcount/values.yaml'), 'utf8')) as {
    readonly heapPercentage: number;
    readonly resources: { readonly limits: { readonly memory: string } };
  };
  const limit = Number(/^(\d+)Mi$/.exec(values.resources.limits.memory)?.[1]);
  const heap = Math.floor((limit * values.heapPercentage) / 100);
  const pairs = Object.entries(environmentOf(image)).filter(([name]) => name !== 'NODE_COMPILE_CACHE');
  return {
    flags: [
      ...wordsOf(image, 'ENTRYPOINT').filter((word) => word.startsWith('--')),
      `--max-old-space-size=${heap}`,
    ],
    environment: Object.fromEntries(pairs),
  };
}
