/**
 * Multi-node has no autoscaler.
 *
 * Reads: the annotation serving.kserve.io/autoscalerClass of the service and of the predictor, and
 * predictor.scaleTarget, scaleMetric and autoScaling.
 * Allowed: `none`, and none of the three fields, which draw a warning that says what KServe does with them.
 * Why: the head is one member of a Ray cluster, and a second one would not join it. KServe refuses any other
 * class, an absent one too, which is why headcount adds it. Red Hat's fork calls it `external` in older releases. KServe lays the predictor's annotations over the service's, and
 * a class there makes an autoscaler beside the one head. On a metric of type PodMetric without podmetric its
 * controller panics.
 * Source: docs/kserve.md, The guide; docs/kserve.md, What KServe's webhooks check; docs/kserve.md, Services that KServe
 * admits and cannot run; docs/kserve.md, Releases.
 */
import { property } from '../lib/json.ts';
import { annotationField, AUTOSCALER_CLASS } from '../kserve/annotations.ts';
import { PREDICTOR, type ServiceView } from '../kserve/view.ts';
import { podAnnotation, podAnnotationField } from '../kserve/pod-annotations.ts';
import { autoscalerClassOf } from '../kserve/releases.ts';
import { scalingOf } from '../kserve/scaling.ts';
import type { Report, Rule } from './rule.ts';
import { differsInCase, quote } from '../lib/text.ts';

const field = annotationField(AUTOSCALER_CLASS);

export const rule: Rule = {
  id: 'autoscaler-class',
  summary: 'The autoscaler class of a multi-node service is none',
  checkService({ service, declared, kserve }) {
    if (service.worker === null) return [];
    const { autoscalerClasses } = kserve.release;
    const line = `${AUTOSCALER_CLASS}: ${autoscalerClassOf(kserve.release)}`;
    const given = property(service.annotations, AUTOSCALER_CLASS) ?? null;
    const fits = autoscalerClasses.some((admitted) => admitted === given);
    const isAdded = fits && (property(declared.annotations, AUTOSCALER_CLASS) ?? null) === null;
    const ofPods = podAnnotation(service, AUTOSCALER_CLASS) ?? null;
    const podsFit = ofPods === null || autoscalerClasses.some((admitted) => admitted === ofPods);
    return [
      ...(fits ? [] : [refused(given, line, autoscalerClasses)]),
      ...(podsFit ? [] : [laidOver(ofPods)]),
      ...(isAdded ? [added(line)] : []),
      ...scaling(service),
    ];
  },
};

function missing(line: string): Report {
  return {
    severity: 'deny',
    field,
    message: `the annotation ${AUTOSCALER_CLASS} is missing, and multi-node has no autoscaler`,
    fix: `add under metadata.annotations: ${line}`,
    short: `annotation missing: add ${line}`,
  };
}

function added(line: string): Report {
  return {
    severity: 'note',
    field,
    message: `the annotation is absent, and headcount adds ${line} in the cluster, since multi-node has no autoscaler`,
    fix: `write under metadata.annotations: ${line}`,
    short: `annotation ${line} was added, since multi-node has no autoscaler`,
  };
}

/** @param given null when absent */
function refused(given: unknown, line: string, admitted: readonly string[]): Report {
  if (given === null) return missing(line);
  const old = given === 'external' ? ' (the form from before KServe 0.15.1)' : '';
  const why = differsInCase(given, admitted)
    ? 'KServe tells capital letters from small ones'
    : 'multi-node has no autoscaler';
  return {
    severity: 'deny',
    field,
    message: `the autoscaler class is ${quote(given)}${old}, and ${why}`,
    fix: `write under metadata.annotations: ${line}`,
    short: `autoscaler class ${quote(given)}${old} does not work: ${why}; write ${line}`,
  };
}

function laidOver(given: unknown): Report {
  const at = podAnnotationField(AUTOSCALER_CLASS);
  return {
    severity: 'deny',
    field: at,
    message: `the autoscaler class of the predictor is ${quote(given)}, which KServe lays over the service's: it would scale the one head`,
    fix: `remove ${at}`,
    short: `autoscaler class ${quote(given)} of the predictor would scale the one head: remove it`,
  };
}

function* scaling(service: ServiceView): Iterable<Report> {
  const { targets, autoScaling, emptyPodMetrics, makesCollector } = scalingOf(service);
  for (const target of targets) yield withoutEffect(target);
  for (const metric of emptyPodMetrics) yield panics(metric);
  if (autoScaling === null || emptyPodMetrics.length > 0) return;
  yield makesCollector ? collector(autoScaling) : withoutEffect(autoScaling);
}

function withoutEffect(setting: string): Report {
  const name = setting.slice(setting.lastIndexOf('.') + 1);
  return {
    severity: 'warn',
    field: setting,
    message: `${name} has no effect, since a multi-node service has no autoscaler`,
    fix: `remove ${setting}`,
    short: `${name} has no effect, since a multi-node service has no autoscaler: remove it`,
  };
}

function panics(metric: string): Report {
  return {
    severity: 'deny',
    field: metric,
    message: "the metric is of type PodMetric without podmetric, on which KServe's controller panics",
    fix: `remove ${PREDICTOR}.autoScaling, since multi-node has no autoscaler`,
    short: "a metric of type PodMetric without podmetric makes KServe's controller panic: remove autoScaling",
  };
}

function collector(setting: string): Report {
  return {
    severity: 'warn',
    field: setting,
    message:
      'autoScaling scales nothing, since a multi-node service has no autoscaler, but KServe makes an OpenTelemetry collector for it',
    fix: `remove ${setting}, unless the collector is wanted`,
    short:
      'autoScaling scales no multi-node service, but KServe makes an OpenTelemetry collector for it: remove it',
  };
}
