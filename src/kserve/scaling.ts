/** What a predictor says about scaling, which multi-node does not have (docs/kserve.md, Services that KServe admits and cannot run). */
import { asList, at, property } from '../lib/json.ts';
import { isGiven } from './setting.ts';
import { PREDICTOR, type ServiceView } from './view.ts';

const SCALING = ['scaleTarget', 'scaleMetric'];
const POD_METRIC = 'PodMetric';
const OPEN_TELEMETRY = 'opentelemetry';

interface Scaling {
  /** Fields of scaleTarget and scaleMetric where they are given. */
  readonly targets: readonly string[];
  /** Field of autoScaling where it is given, else null. */
  readonly autoScaling: string | null;
  /** Fields of the metrics of type PodMetric without podmetric, on which KServe's controller panics. */
  readonly emptyPodMetrics: readonly string[];
  /** Does a metric come from OpenTelemetry? KServe then makes a collector for it. */
  readonly makesCollector: boolean;
}

/** @returns what the predictor says about scaling. */
export function scalingOf({ predictor }: ServiceView): Scaling {
  const field = `${PREDICTOR}.autoScaling`;
  const metrics = asList(at(predictor, 'autoScaling', 'metrics'));
  const isPodMetric = (metric: unknown): boolean => property(metric, 'type') === POD_METRIC;
  return {
    targets: SCALING.filter((key) => isGiven(property(predictor, key))).map((key) => `${PREDICTOR}.${key}`),
    autoScaling: isGiven(property(predictor, 'autoScaling')) ? field : null,
    emptyPodMetrics: metrics.flatMap((metric, index) =>
      isPodMetric(metric) && !isGiven(property(metric, 'podmetric')) ? `${field}.metrics[${index}]` : [],
    ),
    makesCollector: metrics.some(
      (metric) => isPodMetric(metric) && at(metric, 'podmetric', 'metric', 'backend') === OPEN_TELEMETRY,
    ),
  };
}
