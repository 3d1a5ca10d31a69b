/** Annotations of KServe and of headcount, under metadata and under the predictor. */
import { annotate, annotatePredictor, GPU_TYPES, type Pick, type Twist, type World } from './world.ts';

const CLASS = 'serving.kserve.io/autoscalerClass';
const MODE = 'serving.kserve.io/deploymentMode';
const STOP = 'serving.kserve.io/stop';

/** Mostly under metadata. */
function somewhere(world: World, pick: Pick, values: Readonly<Record<string, string>>): void {
  pick([annotate, annotate, annotatePredictor])(world, values);
}

export const annotations: Readonly<Record<string, Twist>> = {
  autoscalerClass: (world, pick) =>
    somewhere(world, pick, { [CLASS]: pick(['none', 'hpa', 'external', 'keda', 'nothing', '']) }),
  deploymentMode: (world, pick) =>
    somewhere(world, pick, {
      [MODE]: pick(['Standard', 'RawDeployment', 'Serverless', 'Knative', 'ModelMesh', 'standard', '']),
    }),
  stop: (world, pick) => somewhere(world, pick, { [STOP]: pick(['true', 'false', 'yes']) }),
  gpuResourceTypes: (world, pick) =>
    somewhere(world, pick, {
      [GPU_TYPES]: pick(['[]', '["example.com/npu"]', '[""]', 'example.com/npu', '{}', '[1]', '']),
    }),
  noAnnotations: ({ service }) => {
    delete service.metadata.annotations;
  },
  ownAnnotation: (world, pick) => annotate(world, { [pick(['team', 'sidecar.istio.io/inject'])]: 'false' }),
  mutationMode: (world, pick) => annotate(world, { 'headcount.dev/mutation': pick(['off', 'fill', 'full']) }),
  keepParallelism: (world) => annotate(world, { 'headcount.dev/parallelism': 'keep' }),
  disableAutoUpdate: (world) => annotate(world, { 'serving.kserve.io/disable-auto-update': 'true' }),
  defaultMode: ({ configMap }, pick) => {
    configMap['deploy'] = JSON.stringify({
      defaultDeploymentMode: pick(['Standard', 'RawDeployment', 'Knative', 'Serverless']),
    });
  },
};
