/** Replicas, autoscaling, canaries and the strategy of a roll-out. */
import { predictorOf, type Twist } from './world.ts';

export const scaling: Readonly<Record<string, Twist>> = {
  minReplicas: (world, pick) => {
    predictorOf(world).minReplicas = pick([0, 1, 2, 7]);
  },
  maxReplicas: (world, pick) => {
    predictorOf(world).maxReplicas = pick([0, 1, 3]);
  },
  scaleTarget: (world, pick) => {
    Object.assign(
      predictorOf(world),
      pick([{ scaleTarget: 10 }, { scaleMetric: 'cpu' }, { scaleTarget: 0 }]),
    );
  },
  autoScaling: (world, pick) => {
    const cpu = { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } };
    const metric = pick([{ type: 'PodMetric' }, { type: 'Resource', resource: cpu }]);
    predictorOf(world).autoScaling = { metrics: [metric] };
  },
  canary: (world, pick) => {
    predictorOf(world).canaryTrafficPercent = pick([0, 20, 100]);
  },
  strategy: (world, pick) => {
    const numbers = { maxSurge: 1, maxUnavailable: 0 };
    predictorOf(world).deploymentStrategy = pick([
      { type: 'Recreate' },
      { type: 'RollingUpdate' },
      { type: 'RollingUpdate', rollingUpdate: numbers },
      { rollingUpdate: numbers },
      { rollingUpdate: { maxSurge: pick([0, 1]), maxUnavailable: 0 } },
      { type: 'Recreate', rollingUpdate: numbers },
      {},
    ]);
  },
  agent: (world, pick) => {
    Object.assign(
      predictorOf(world),
      pick([{ logger: { mode: 'all', url: 'http://log' } }, { batcher: { maxBatchSize: 8 } }]),
    );
  },
};
