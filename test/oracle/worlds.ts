/**
 * Random worlds: the pairs of generate.ts, each with up to three twists, so that everything which the planner or a rule
 * reads takes other values at times. A world that fails shrinks to fewer twists and to the smallest pair.
 */
import fc from 'fast-check';
import { pairs } from './generate.ts';
import { annotations } from './twists/annotations.ts';
import { args } from './twists/args.ts';
import { containers } from './twists/containers.ts';
import { env } from './twists/env.ts';
import { gpus } from './twists/gpus.ts';
import { names } from './twists/names.ts';
import { pods } from './twists/pods.ts';
import { runtimes } from './twists/runtimes.ts';
import { scaling } from './twists/scaling.ts';
import { sizes } from './twists/sizes.ts';
import { storage } from './twists/storage.ts';
import { picker, type Twist, type World } from './twists/world.ts';

/** Named by topic and twist, as `env.pythonPath`. */
const TWISTS = new Map<string, Twist>(
  Object.entries({
    annotations,
    args,
    containers,
    env,
    gpus,
    names,
    pods,
    runtimes,
    scaling,
    sizes,
    storage,
  }).flatMap(([topic, twists]) =>
    Object.entries(twists).map(([name, twist]) => [`${topic}.${name}`, twist] as const),
  ),
);

export type { World };

export interface TwistedWorld extends World {
  /** Which twists it has. */
  readonly twists: readonly string[];
  /** Has KServe's mutating webhook already run when headcount sees the service? In a cluster it has. */
  readonly defaulted: boolean;
}

/** Most choices within a twist have fewer values together. */
const CHOICES = 5039;

export const worlds: fc.Arbitrary<TwistedWorld> = fc
  .record({
    pair: pairs,
    twists: fc.array(fc.tuple(fc.constantFrom(...TWISTS.keys()), fc.nat(CHOICES)), {
      maxLength: 3,
      size: 'max',
    }),
    defaulted: fc.boolean(),
  })
  .map(({ pair, twists, defaulted }) => {
    const copy = structuredClone(pair);
    const world: World = { service: copy.service, runtimes: [copy.runtime], configMap: {} };
    for (const [name, choice] of twists) TWISTS.get(name)?.(world, picker(choice));
    return { ...plain(world), twists: twists.map(([name]) => name), defaulted };
  });

/** As JSON would have it: without keys that a twist left undefined. */
function plain(world: World): World {
  return JSON.parse(JSON.stringify(world)) as World;
}
