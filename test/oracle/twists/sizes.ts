/** The two sizes where no pair of the plain universe has them. */
import { predictorOf, runtimeOf, type Twist } from './world.ts';

export const sizes: Readonly<Record<string, Twist>> = {
  size: (world, pick) => {
    const name = pick(['tensorParallelSize', 'pipelineParallelSize']);
    predictorOf(world).workerSpec[name] = pick([0, -1, 3, 5000, 1.5, '2', null]);
  },
  sizeOfRuntime: (world, pick) => {
    const { workerSpec } = runtimeOf(world).spec;
    if (workerSpec === undefined) return;
    workerSpec[pick(['tensorParallelSize', 'pipelineParallelSize'])] = pick([3, 5000]);
  },
  noSizesOfService: (world) => {
    delete predictorOf(world).workerSpec.tensorParallelSize;
    delete predictorOf(world).workerSpec.pipelineParallelSize;
  },
};
