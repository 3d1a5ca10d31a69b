/** A service that mutation and denial both have something to say of, for tests of what is enforced. */
import { minimalService, type Loose } from '../rules/cases.ts';

/** TP 16 on workers of 8 GPUs, which headcount stores as TP 8 x PP 2; denied for its two heads. */
export function deniedCaseTwo(): Loose {
  const object = minimalService();
  object.spec.predictor.minReplicas = 2;
  object.spec.predictor.workerSpec.tensorParallelSize = 16;
  delete object.spec.predictor.workerSpec.pipelineParallelSize;
  return object;
}
