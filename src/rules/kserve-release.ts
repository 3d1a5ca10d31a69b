/**
 * The release of KServe that is installed runs what is planned.
 *
 * Reads: the release of KServe, and the back end that the runtime asks for.
 * Warned: KServe 0.20.0, whose controller deletes the workers in each reconcile; a runtime that asks for the mp back
 * end on a release that does not read its annotation.
 * Why: no manifest helps against the first; the second gives other pods and GPUs than the runtime is made for.
 * Source: docs/kserve.md, Releases; docs/kserve.md, Upstream faults; docs/kserve.md, mp back end.
 */
import { backendOn } from '../kserve/plan.ts';
import { DEFAULT_RELEASE, DIFFERENCES, has, type Release } from '../kserve/releases.ts';
import type { RuntimeView } from '../kserve/runtime.ts';
import type { Report, Rule } from './rule.ts';
import { quote } from '../lib/text.ts';

export const rule: Rule = {
  id: 'kserve-release',
  summary: 'The release of KServe runs what is planned',
  checkService({ service, runtime, kserve }) {
    if (service.worker === null) return [];
    const { release } = kserve;
    const found = runtime.status === 'found' ? runtime.runtime : null;
    const isIgnored = found !== null && backendOn(found, release) !== found.backend;
    return [
      ...(has(release, 'deletesWorkers') ? [deletes(`${service.predictorField}.workerSpec`, release)] : []),
      ...(isIgnored ? [ignores(service.model?.runtimeField ?? service.predictorField, found, release)] : []),
    ];
  },
};

/** @returns in one line that no worker stays on this release; null where they do */
export function lostWorkers(release: Release): string | null {
  return has(release, 'deletesWorkers') ? deletes('', release).short : null;
}

function deletes(field: string, { name }: Release): Report {
  return {
    severity: 'warn',
    field,
    message: `the controller of KServe ${name} deletes the workers whenever it reconciles the service (kserve/kserve#6113)`,
    fix: `run KServe ${DEFAULT_RELEASE.name}, whose workers stay`,
    short: `KServe ${name} deletes the workers (kserve/kserve#6113): run ${DEFAULT_RELEASE.name}`,
  };
}

function ignores(field: string, { kind, name }: RuntimeView, release: Release): Report {
  const since = `0.${DIFFERENCES.mp.since}`;
  const planned = release.name === 'odh' ? `odh as KServe 0.${release.minor}` : `KServe ${release.name}`;
  return {
    severity: 'warn',
    field,
    message: `${kind} ${quote(name)} asks for the mp back end, which KServe has from ${since} on: on ${planned} the pods and GPUs are those of Ray`,
    fix: `name a runtime for Ray, or run KServe ${since} or later`,
    short: `${kind} ${quote(name)} asks for mp, but ${planned} plans it as on Ray`,
  };
}
