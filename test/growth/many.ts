/** Runtimes that are stored before the server starts: together they are larger than its memory. */
import type { Container } from '../support/container.ts';
import { minimalRuntime, minimalService, type Loose } from '../rules/cases.ts';
import type { Figure } from '../support/targets.ts';
import { GrowthApi } from './api.ts';
import { texts } from './filling.ts';
import { problemOf, Target } from './target.ts';
import { bodyOf } from '../hostile/reviews.ts';

const EACH = 1_300_000;
/** MiB; what a pod is to stay under. One file of 64 MB is read whole, so that it takes more; a ConfigMap holds 1 MB. */
const MOST_MEMORY = 200;
const UID = 'many-runtimes';

/** Listed by an API server, or read from a file each, or all from one. */
export type Way = 'listed' | 'in files' | 'in one file';

/** @param count of runtimes of 1.3 MB each */
export async function manyRuntimes(
  count: number,
  how: Way,
  around: Pick<Container, 'wrapper'>,
): Promise<readonly Figure[]> {
  const runtimes = Array.from({ length: count }, (_, index) => large(`large-${index}`));
  const what = `${count} runtimes of 1.3 MB ${how} at the start`;
  const api = how === 'listed' ? await GrowthApi.start(runtimes) : null;
  const catalogue = how === 'in one file' ? [{ kind: 'List', apiVersion: 'v1', items: runtimes }] : runtimes;
  const source = api === null ? { catalogue } : { kubeconfig: api.kubeconfig };
  const began = performance.now();
  try {
    const target = await Target.start({ ...around, ...source });
    const seconds = (performance.now() - began) / 1_000;
    const answered = await target.ask('validate', bodyOf(minimalService(), { uid: UID }));
    const memory = target.peak;
    await target.stop();
    return [
      { what: `${what}: ready after`, value: seconds, unit: 's' },
      {
        what: `${what}: most memory held`,
        value: memory,
        unit: 'MiB',
        ...(how !== 'in one file' && { most: MOST_MEMORY }),
      },
      { what: `${what}: wrong answers`, value: problemOf(answered, UID) === null ? 0 : 1, most: 0 },
    ];
  } catch (error) {
    console.log(`OVER ${what}: ${(error as Error).message.slice(0, 300)}`);
    return [{ what: `${what}: not started`, value: 1, most: 0 }];
  } finally {
    api?.stop();
  }
}

const ARGS = texts('x').make(EACH);

function large(name: string): Loose {
  const runtime = minimalRuntime();
  runtime.metadata.name = name;
  runtime.spec.containers[0].args = ARGS;
  return runtime;
}
