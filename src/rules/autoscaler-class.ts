/**
 * Multi-node has no autoscaler.
 *
 * Reads: the annotation serving.kserve.io/autoscalerClass, and predictor.scaleTarget, scaleMetric and
 * autoScaling.
 * Allowed: `none`, and none of the three fields; they are ignored, so they draw a warning.
 * Why: the head is one member of a Ray cluster, and a second one would not join it. KServe refuses any other
 * class, an absent one too, which is why headcount adds it. Red Hat's fork calls it `external` in older releases.
 * Source: docs/kserve.md, The guide; docs/kserve.md, What KServe's webhooks check; docs/kserve.md,
 * Releases.
 */
import { property } from '../lib/json.ts';
import { annotationField, AUTOSCALER_CLASS } from '../kserve/annotations.ts';
import { autoscalerClassOf } from '../kserve/releases.ts';
import type { Report, Rule } from './rule.ts';
import { quote } from '../lib/text.ts';

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
    return [
      ...(fits ? [] : [refused(given, line)]),
      ...(isAdded ? [added(line)] : []),
      ...service.scaling.map(ignored),
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
    severity: 'warn',
    field,
    message: `the annotation is absent, and headcount adds ${line} in the cluster, since multi-node has no autoscaler`,
    fix: `write under metadata.annotations: ${line}`,
    short: `annotation ${line} was added, since multi-node has no autoscaler`,
  };
}

/** @param given null when absent */
function refused(given: unknown, line: string): Report {
  if (given === null) return missing(line);
  const old = given === 'external' ? ' (the form from before KServe 0.15.1)' : '';
  return {
    severity: 'deny',
    field,
    message: `the autoscaler class is ${quote(given)}${old}, and multi-node has no autoscaler`,
    fix: `write under metadata.annotations: ${line}`,
    short: `autoscaler class ${quote(given)}${old} does not work with multi-node: write ${line}`,
  };
}

function ignored(setting: string): Report {
  const name = setting.slice(setting.lastIndexOf('.') + 1);
  return {
    severity: 'warn',
    field: setting,
    message: `${name} is ignored, since a multi-node service is not scaled`,
    fix: `remove ${setting}`,
    short: `${name} is ignored, since a multi-node service is not scaled: remove it`,
  };
}
