/** One case at every size: what it costs, and what others see of it meanwhile and afterwards. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { reviewOf } from '../hostile/reviews.ts';
import type { Loose } from '../rules/cases.ts';
import type { Case, Content } from './pairs.ts';
import type { World } from './world.ts';
import { growthOf, isOver, type Sample } from './limits.ts';
import { problemOf, type Target } from './target.ts';

export interface Measured {
  readonly one: Case;
  /** By size, the smallest first. */
  readonly samples: readonly Sample[];
}

/** Beyond this many milliseconds of processor time a larger object tells nothing new. */
const HOPELESS = 1_500;
const ROUNDS = 5;
/** A size must be this much over the one before. */
const GROWN = 1.1;

/** Once at each size, and where something looks bad up to four times more: the least of each figure counts. */
export async function measure(one: Case, sizes: readonly number[], world: World): Promise<Measured> {
  const contents = contentsOf(one, sizes);
  let best: Sample[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const samples: Sample[] = [];
    for (const content of contents) {
      const sample = await sampleOf(one, content, world);
      samples.push(sample);
      if (!sample.alive || sample.cpu > HOPELESS) break;
    }
    best = samples.map((sample, index) => leastOf(best[index], sample));
    if (best.some(({ alive, cpu }) => !alive || cpu > HOPELESS)) break;
    if (!best.some(isOver) && !growthOf(best).over) break;
  }
  return { one, samples: best };
}

/** @returns the objects; one each, where as many entries as there may be are reached below the largest size */
function contentsOf(one: Case, sizes: readonly number[]): readonly Content[] {
  let last = 0;
  return sizes.map(one.make).filter((content) => {
    const bytes = JSON.stringify(content).length;
    const grown = bytes > GROWN * last;
    if (grown) last = bytes;
    return grown;
  });
}

function leastOf(before: Sample | undefined, now: Sample): Sample {
  if (before === undefined) return now;
  return {
    ...now,
    cpu: Math.min(before.cpu, now.cpu),
    health: Math.min(before.health, now.health),
    next: Math.min(before.next, now.next),
    peak: Math.min(before.peak, now.peak),
  };
}

async function sampleOf(one: Case, content: Content, world: World): Promise<Sample> {
  const target = await world.target(one);
  target.forgetPeak();
  const uid = randomUUID();
  let began = target.spent;
  const stored = content.runtime === undefined ? null : await world.store(content.runtime);
  const storing = target.spent - began;
  const body = Buffer.from(JSON.stringify(review(content, uid, stored?.name)));
  began = target.spent;
  const { asked, health } = await watched(target, () => target.ask(one.phase, body));
  const cpu = Math.max(storing, target.spent - began);
  const small = asked.reply === null ? null : await target.askSmall();
  if (stored !== null) await world.forget(stored);
  const { alive } = target;
  return {
    bytes: body.length + (stored?.bytes ?? 0),
    cpu: asked.reply === null ? Number.POSITIVE_INFINITY : cpu,
    health,
    next: small?.reply?.code === 200 ? small.ms : Number.POSITIVE_INFINITY,
    peak: alive ? target.peak : Number.NaN,
    alive,
    late: asked.reply?.body.includes('took too long') ?? false,
    problem: problemOf(asked, uid),
  };
}

function review({ object, old }: Content, uid: string, runtime: string | undefined): Loose {
  const named = object as Loose;
  const { kind } = named;
  const model = named.spec?.predictor?.model;
  if (runtime !== undefined && model?.runtime !== undefined) model.runtime = runtime;
  return reviewOf(object, {
    uid,
    kind: { group: 'serving.kserve.io', version: kind === 'InferenceService' ? 'v1beta1' : 'v1alpha1', kind },
    name: typeof named.metadata.name === 'string' ? named.metadata.name.slice(0, 253) : '',
    ...(old !== undefined && { operation: 'UPDATE', oldObject: old }),
  });
}

/** @returns the answer, and the longest that /healthz took meanwhile */
async function watched<T>(target: Target, ask: () => Promise<T>): Promise<{ asked: T; health: number }> {
  const asking = ask();
  const answered = asking.then(() => true);
  let health = 0;
  do health = Math.max(health, (await target.health()) ?? Number.POSITIVE_INFINITY);
  while (!(await Promise.race([answered, sleep(10, false)])));
  return { asked: await asking, health };
}
