/** With what flags Node runs in a pod, for whoever measures headcount elsewhere. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { last, stagesOf } from './dockerfile.ts';

const ROOT = join(import.meta.dirname, '..');

/** @returns the flags of Node that the image and the chart give: the heap is sized by the limit of memory. */
export function shippedFlags(): readonly string[] {
  const image = stagesOf(readFileSync(join(ROOT, 'Dockerfile'), 'utf8')).at(-1) ?? [];
  const entry = JSON.parse(last(image, 'ENTRYPOINT')) as string[];
  const values = parse(readFileSync(join(ROOT, 'charts/headcount/values.yaml'), 'utf8')) as {
    readonly heapPercentage: number;
    readonly resources: { readonly limits: { readonly memory: string } };
  };
  const limit = Number(/^(\d+)Mi$/.exec(values.resources.limits.memory)?.[1]);
  const heap = Math.floor((limit * values.heapPercentage) / 100);
  return [...entry.filter((word) => word.startsWith('--')), `--max-old-space-size=${heap}`];
}
