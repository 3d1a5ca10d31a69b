/** GPUs where KServe does not count them: of the whole pod, and of other containers. For gpu-resource. */
import type { ContainerView, Resources } from '../../kserve/container.ts';
import { entryOf } from '../../kserve/merge.ts';
import { namesIn, type ResourceNames } from '../../kserve/resource-names.ts';
import { visible } from '../../lib/text.ts';
import type { Report } from './finding.ts';

/** @param rightField where the GPUs belong */
export function podLevel(
  requests: Resources,
  limits: Resources,
  names: ResourceNames,
  pod: string,
  rightField?: string,
): Iterable<Report> {
  if (requests.size === 0 && limits.size === 0) return NOTHING;
  return ofWholePod(requests, limits, names, pod, rightField);
}

const NOTHING: readonly Report[] = [];

function* ofWholePod(
  requests: Resources,
  limits: Resources,
  names: ResourceNames,
  pod: string,
  rightField = 'spec.predictor.model.resources',
): Iterable<Report> {
  for (const name of namesIn({ requests, limits })) {
    if (!names.isGpu(name)) continue;
    yield {
      severity: 'deny',
      field: (requests.get(name) ?? limits.get(name))?.field ?? '',
      message: `${visible(name)} stands in the resources of the whole pod (${pod}), which KServe does not count`,
      fix: `write it under ${rightField}`,
      short: `KServe does not count ${visible(name)} of the whole pod: write it under ${rightField}`,
    };
  }
}

export function uncounted(
  containers: readonly ContainerView[],
  names: ResourceNames,
  what: string,
): Iterable<Report> {
  return containers.length === 0 ? NOTHING : ofContainers(containers, names, what);
}

function* ofContainers(
  containers: readonly ContainerView[],
  names: ResourceNames,
  what: string,
): Iterable<Report> {
  for (const container of containers) {
    for (const name of namesIn(container)) {
      const entry = entryOf(container, name);
      if (entry === undefined || entry.count === 0 || !names.isGpu(name)) continue;
      yield {
        severity: 'warn',
        field: entry.field,
        message: `${visible(name)} of ${what} is reserved in every such pod, but not counted by KServe`,
        fix: 'take it out, or move it to the container that serves the model',
        short: `${visible(name)} of ${what} is reserved but not counted by KServe: take it out`,
      };
    }
  }
}
