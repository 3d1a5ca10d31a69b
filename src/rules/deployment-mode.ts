/**
 * Multi-node runs in Standard mode only.
 *
 * Reads: the annotation serving.kserve.io/deploymentMode, and status.deploymentMode of a live service.
 * Allowed: Standard, and its old name RawDeployment, with a warning; status absent or of the same mode. KServe 0.15
 * knows the old name alone, and takes Standard for no mode at all.
 * Why: only in this mode does KServe make Deployments, of which the worker is one. Without the annotation
 * the cluster's default decides, which may be Knative; so headcount adds it. KServe takes the mode of a
 * live service from its status and refuses an update whose annotation differs.
 * Source: docs/kserve.md, The guide; docs/kserve.md, Deployment mode; docs/kserve.md, Releases.
 */
import { property } from '../lib/json.ts';
import { annotationField, DEPLOYMENT_MODE } from '../kserve/annotations.ts';
import { has, modesOf, type Release } from '../kserve/releases.ts';
import type { Report, Rule } from './rule.ts';
import { quote } from '../lib/text.ts';

const field = annotationField(DEPLOYMENT_MODE);

export const rule: Rule = {
  id: 'deployment-mode',
  summary: 'The deployment mode of a multi-node service is Standard',
  checkService({ service, declared, mutationMode, kserve }) {
    if (service.worker === null) return [];
    const { release } = kserve;
    const { mode, other } = modesOf(release);
    const given = property(service.annotations, DEPLOYMENT_MODE) ?? null;
    if (given === null) return [missing(mode)];
    if (given !== mode && given !== other) return [refused(given, mode)];
    const live = service.liveDeploymentMode;
    if (live !== null && live !== mode && live !== other) return [fixed(live, mode)];
    if (given === other) {
      if (!has(release, 'standardMode')) return [unknown(other, mode, release)];
      return mutationMode === 'off' ? [] : [old(other, mode)];
    }
    const wrote = property(declared.annotations, DEPLOYMENT_MODE) ?? null;
    if (wrote === null) return [added(mode)];
    return wrote === other ? [renamed(other, mode, release)] : [];
  },
};

function line(mode: string): string {
  return `${DEPLOYMENT_MODE}: ${mode}`;
}

function missing(mode: string): Report {
  return {
    severity: 'deny',
    field,
    message: `the annotation ${DEPLOYMENT_MODE} is missing, so that the default of the cluster decides`,
    fix: `add under metadata.annotations: ${line(mode)}`,
    short: `annotation missing: add ${line(mode)}`,
  };
}

function added(mode: string): Report {
  return {
    severity: 'warn',
    field,
    message: `the annotation is absent, and headcount adds ${line(mode)} in the cluster, the only mode that supports multi-node`,
    fix: `write under metadata.annotations: ${line(mode)}`,
    short: `annotation ${line(mode)} was added, the only mode that supports multi-node`,
  };
}

function renamed(from: string, mode: string, release: Release): Report {
  const why = has(release, 'standardMode') ? 'its new name' : `its name in KServe ${release.name}`;
  return {
    severity: 'warn',
    field,
    message: `the deployment mode ${from} is stored as ${mode}, ${why}`,
    fix: `write under metadata.annotations: ${line(mode)}`,
    short: `deployment mode ${from} is stored as ${mode}, ${why}`,
  };
}

function old(given: string, mode: string): Report {
  return {
    severity: 'warn',
    field,
    message: `the deployment mode ${given} is the old name of ${mode}`,
    fix: `write under metadata.annotations: ${line(mode)}`,
    short: `deployment mode ${given} is the old name of ${mode}: write ${line(mode)}`,
  };
}

/** The mode has a name that only later releases know. */
function unknown(given: string, mode: string, { name }: Release): Report {
  return {
    severity: 'deny',
    field,
    message: `KServe ${name} does not know the deployment mode ${given}, so that the default of the cluster decides`,
    fix: `write under metadata.annotations: ${line(mode)}`,
    short: `KServe ${name} does not know the deployment mode ${given}: write ${line(mode)}`,
  };
}

function refused(given: unknown, mode: string): Report {
  return {
    severity: 'deny',
    field,
    message: `the deployment mode is ${quote(given)}, and only ${mode} supports multi-node`,
    fix: `write under metadata.annotations: ${line(mode)}`,
    short: `deployment mode ${quote(given)} does not support multi-node: write ${line(mode)}`,
  };
}

/** @param live the mode that KServe has recorded for the service and will not change */
function fixed(live: string, mode: string): Report {
  return {
    severity: 'deny',
    field,
    message: `the service runs in deployment mode ${quote(live)} (status.deploymentMode), which can't be changed and does not support multi-node`,
    fix: `delete the service and create it with the annotation ${line(mode)}`,
    short: `the service runs in mode ${quote(live)}, which can't be changed: delete it and create it with ${line(mode)}`,
  };
}
