/**
 * Multi-node runs in Standard mode only.
 *
 * Reads: the annotation serving.kserve.io/deploymentMode of the service and of the predictor,
 * status.deploymentMode of a live service, and for KServe 0.15 defaultDeploymentMode of its ConfigMap.
 * Allowed: Standard, and its old name RawDeployment, with a warning; status absent or of the same mode. KServe 0.15
 * knows the old name alone, and takes Standard for no mode at all. A service from 0.15 on 0.16 to 0.18, which take its
 * status for another mode and refuse any change of it, draws a warning.
 * Why: only in this mode does KServe make Deployments, of which the worker is one. Without the annotation
 * the cluster's default decides, which may be Knative; so headcount adds it. KServe takes the mode of a
 * live service from its status and refuses an update whose annotation differs. It lays the predictor's annotations
 * over the service's and fails on another mode there.
 * Source: docs/kserve.md, The guide; docs/kserve.md, Deployment mode; docs/kserve.md, Releases;
 * docs/kserve.md, Services that KServe admits and cannot run.
 */
import { property } from '../lib/json.ts';
import { annotationField, DEPLOYMENT_MODE } from '../kserve/annotations.ts';
import type { KServeFacts } from '../kserve/gpus.ts';
import { DIFFERENCES, has, keepsOldMode, modesOf, type Release } from '../kserve/releases.ts';
import { podAnnotation, podAnnotationField } from '../kserve/pod-annotations.ts';
import type { Report, Rule } from './rule.ts';
import type { ServiceSubject } from './subject.ts';
import { differsInCase, quote } from '../lib/text.ts';

const field = annotationField(DEPLOYMENT_MODE);

export const rule: Rule = {
  id: 'deployment-mode',
  summary: 'The deployment mode of a multi-node service is Standard',
  checkService(subject) {
    const { service, kserve } = subject;
    if (service.worker === null) return [];
    const { mode, other } = modesOf(kserve.release);
    const ofPods = podAnnotation(service, DEPLOYMENT_MODE);
    const fits = ofPods === undefined || ofPods === mode || ofPods === other;
    return [...ofService(subject), ...(fits ? [] : [laidOver(ofPods)]), ...ofCluster(kserve)];
  },
};

function ofService({ service, declared, previous, mutationMode, kserve }: ServiceSubject): readonly Report[] {
  const { release } = kserve;
  const { mode, other } = modesOf(release);
  const given = property(service.annotations, DEPLOYMENT_MODE) ?? null;
  // KServe compares an update with the status of the stored object.
  const live = (previous ?? service).liveDeploymentMode;
  // What Red Hat's fork does with such a service is not known.
  if (keepsOldMode(live, release))
    return release.name === 'odh' ? [] : [ofOldRelease(given, mode, other, release)];
  if (given === null) return [missing(mode)];
  if (given !== mode && given !== other) return [refused(given, mode, other)];
  if (live !== null && live !== mode && live !== other) return [fixed(live, mode)];
  if (given === other) {
    if (!has(release, 'standardMode')) return [unknown(other, mode, release)];
    return mutationMode === 'off' ? [] : [old(other, mode)];
  }
  const wrote = property(declared.annotations, DEPLOYMENT_MODE) ?? null;
  if (wrote === null) return [added(mode)];
  return wrote === other ? [renamed(other, mode, release)] : [];
}

/** KServe refuses any annotation but the mode in the status; only a mode that never fits is denied here. */
function ofOldRelease(given: unknown, mode: string, live: string, { name }: Release): Report {
  const fits = given === null || given === mode || given === live;
  const found = `status.deploymentMode is ${quote(live)}, from KServe 0.15, and KServe ${name} no longer deploys workers for it`;
  return {
    severity: fits ? 'warn' : 'deny',
    field,
    message: `${found}; it refuses the annotation's ${quote(fits ? mode : given)} as a change of the mode`,
    fix: `delete the service and create it with the annotation ${line(mode)}, or update KServe to 0.${DIFFERENCES.oldModeInStatus.since}`,
    short: `${found}: delete it and create it with ${line(mode)}`,
  };
}

/** Modes that have their names only in later releases. */
const NEW_NAMES = ['Standard', 'Knative'];

/** An older controller fails on it, whatever the service says. */
function ofCluster({ release, defaultDeploymentMode: given }: KServeFacts): readonly Report[] {
  if (given === null || has(release, 'standardMode') || !NEW_NAMES.includes(given)) return [];
  const found = `KServe's ConfigMap says defaultDeploymentMode ${quote(given)}, which KServe ${release.name} does not know`;
  return [
    {
      severity: 'deny',
      field,
      message: `${found}: its controller deploys no service at all`,
      fix: 'have defaultDeploymentMode: RawDeployment written into the ConfigMap inferenceservice-config',
      short: `${found}: its controller deploys no service at all`,
    },
  ];
}

function laidOver(given: unknown): Report {
  const at = podAnnotationField(DEPLOYMENT_MODE);
  const effect = given === '' ? 'the default of the cluster decides' : 'it deploys nothing in this mode';
  return {
    severity: 'deny',
    field: at,
    message: `the deployment mode of the predictor is ${quote(given)}, which KServe lays over the service's: ${effect}`,
    fix: `remove ${at}`,
    short: `deployment mode ${quote(given)} of the predictor does not support multi-node: remove it`,
  };
}

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
    severity: 'note',
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

function refused(given: unknown, mode: string, other: string): Report {
  const why = differsInCase(given, [mode, other])
    ? 'KServe tells capital letters from small ones'
    : `only ${mode} supports multi-node`;
  return {
    severity: 'deny',
    field,
    message: `the deployment mode is ${quote(given)}, and ${why}`,
    fix: `write under metadata.annotations: ${line(mode)}`,
    short: `deployment mode is ${quote(given)}, and ${why}: write ${line(mode)}`,
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
