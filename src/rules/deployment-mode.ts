/**
 * Multi-node runs in Standard mode only.
 *
 * Reads: the annotation serving.kserve.io/deploymentMode, and status.deploymentMode of a live service.
 * Allowed: Standard, and its old name RawDeployment, with a warning; status absent or of the same mode.
 * Why: only in this mode does KServe make Deployments, of which the worker is one. Without the annotation
 * the cluster's default decides, which may be Knative; so headcount adds it. KServe takes the mode of a
 * live service from its status and refuses an update whose annotation differs.
 * Source: docs/kserve.md, The guide; docs/kserve.md, Deployment mode.
 */
import { property } from '../lib/json.ts';
import { annotationField, DEPLOYMENT_MODE } from '../kserve/annotations.ts';
import type { Report, Rule } from './rule.ts';
import { quote } from '../lib/text.ts';

const STANDARD = 'Standard';
const OLD_NAME = 'RawDeployment';
const LINE = `${DEPLOYMENT_MODE}: ${STANDARD}`;
const field = annotationField(DEPLOYMENT_MODE);

export const rule: Rule = {
  id: 'deployment-mode',
  summary: 'The deployment mode of a multi-node service is Standard',
  checkService({ service, declared, mutationMode }) {
    if (service.worker === null) return [];
    const given = property(service.annotations, DEPLOYMENT_MODE) ?? null;
    if (given === null) return [MISSING];
    if (given !== STANDARD && given !== OLD_NAME) return [refused(given)];
    const live = service.liveDeploymentMode;
    if (live !== null && live !== STANDARD && live !== OLD_NAME) return [fixed(live)];
    if (given === OLD_NAME) return mutationMode === 'off' ? [] : [OLD];
    const wrote = property(declared.annotations, DEPLOYMENT_MODE) ?? null;
    if (wrote === null) return [ADDED];
    return wrote === OLD_NAME ? [RENAMED] : [];
  },
};

const MISSING: Report = {
  severity: 'deny',
  field,
  message: `the annotation ${DEPLOYMENT_MODE} is missing, so that the default of the cluster decides`,
  fix: `add under metadata.annotations: ${LINE}`,
  short: `annotation missing: add ${LINE}`,
};

const ADDED: Report = {
  severity: 'warn',
  field,
  message: `the annotation is absent, and headcount adds ${LINE} in the cluster, the only mode that supports multi-node`,
  fix: `write under metadata.annotations: ${LINE}`,
  short: `annotation ${LINE} was added, the only mode that supports multi-node`,
};

const RENAMED: Report = {
  severity: 'warn',
  field,
  message: `the deployment mode ${OLD_NAME} is stored as ${STANDARD}, its new name`,
  fix: `write under metadata.annotations: ${LINE}`,
  short: `deployment mode ${OLD_NAME} is stored as ${STANDARD}, its new name`,
};

const OLD: Report = {
  severity: 'warn',
  field,
  message: `the deployment mode ${OLD_NAME} is the old name of ${STANDARD}`,
  fix: `write under metadata.annotations: ${LINE}`,
  short: `deployment mode ${OLD_NAME} is the old name of ${STANDARD}: write ${LINE}`,
};

function refused(given: unknown): Report {
  return {
    severity: 'deny',
    field,
    message: `the deployment mode is ${quote(given)}, and only ${STANDARD} supports multi-node`,
    fix: `write under metadata.annotations: ${LINE}`,
    short: `deployment mode ${quote(given)} does not support multi-node: write ${LINE}`,
  };
}

/** @param live the mode that KServe has recorded for the service and will not change */
function fixed(live: string): Report {
  return {
    severity: 'deny',
    field,
    message: `the service runs in deployment mode ${quote(live)} (status.deploymentMode), which can't be changed and does not support multi-node`,
    fix: `delete the service and create it with the annotation ${LINE}`,
    short: `the service runs in mode ${quote(live)}, which can't be changed: delete it and create it with ${LINE}`,
  };
}
