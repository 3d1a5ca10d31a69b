/** The two sizes where no pair of the plain universe has them. */
import { predictorOf, runtimeOf, type Twist } from './world.ts';

export const sizes: Readonly<Record<string, Twist>> = {
  size: (world, pick) => {
    const side = pick([
      predictorOf(world).workerSpec,
      predictorOf(world).workerSpec,
      runtimeOf(world).spec.workerSpec,
    ]);
    if (side === undefined) return;
    side[pick(['tensorParallelSize', 'pipelineParallelSize'])] = pick([0, -1, 5000, 3, 1.5, '2', null]);
  },
  noSizesOfService: (world) => {
    delete predictorOf(world).workerSpec.tensorParallelSize;
    delete predictorOf(world).workerSpec.pipelineParallelSize;
  },
};
