/**
 * Extended resources that KServe leaves as they are: it writes its count under one GPU type a container, in requests and
 * limits. Of all others the API server wants a limit equal to the request (Kubernetes, extended resources). For
 * gpu-resource.
 */
import type { ContainerView, ResourceEntry } from '../../kserve/container.ts';
import type { ContainerResources } from '../../kserve/gpus.ts';
import { namesIn, type ResourceNames } from '../../kserve/resource-names.ts';
import { quote } from '../../lib/text.ts';
import type { Report } from './finding.ts';

/**
 * @param merged the container as the pod has it
 * @param own the service's part of it
 * @param written the type that KServe writes its count under
 */
export function* unwrittenUnequal(
  merged: ContainerResources,
  own: ContainerView | null,
  written: string,
  names: ResourceNames,
): Iterable<Report> {
  for (const name of namesIn(merged)) {
    const request = merged.requests.get(name);
    const limit = merged.limits.get(name);
    if (request === undefined || name === written || !isExtended(name)) continue;
    // What KServe's validator refuses is told by itself.
    if (names.kindOf(name) === 'unknown' && own?.requests.has(name) === true) continue;
    // Two types that are both asked for are gpu-type-mix's.
    if (names.isGpu(name) && isAsked(request) && isAsked(merged.requests.get(written))) continue;
    // A quantity that is no count is told by itself.
    if (limit !== undefined && (request.count === limit.count || request.given === limit.given)) continue;
    const found =
      limit === undefined
        ? `${quote(name)} has a request and no limit`
        : `${quote(name)}: request ${quote(request.given)} and limit ${quote(limit.given)} differ`;
    yield {
      severity: 'deny',
      field: (own?.requests.get(name) ?? request).field,
      ...(own?.requests.has(name) !== true && { owner: 'runtime' as const }),
      message: `${found}, and KServe leaves it so, which the API server refuses in the Deployment`,
      fix: 'write the same count in requests and limits',
      short: `${found}, which the API server refuses: write the same count in requests and limits`,
    };
  }
}

function isAsked(entry: ResourceEntry | undefined): boolean {
  return (entry?.count ?? 0) > 0;
}

/** Names of Kubernetes' own have no domain, but for huge pages, which are alike in this. */
function isExtended(name: string): boolean {
  return name.includes('/') || name.startsWith('hugepages-');
}
