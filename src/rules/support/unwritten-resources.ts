/**
 * Extended resources that KServe does not write. In each container KServe writes its count under one GPU type, in
 * requests and limits. For all other types the API server requires a limit equal to the request (Kubernetes, extended
 * resources). For gpu-resource.
 */
import type { ResourceEntry } from '../../kserve/container.ts';
import type { PodContainer } from '../../kserve/merge.ts';
import { namesIn, type ResourceNames } from '../../kserve/resource-names.ts';
import { quote } from '../../lib/text.ts';
import type { Report } from './finding.ts';
import { LateReport, type Words } from './late-report.ts';

/** @param written the type that KServe writes its count under */
export function* unwrittenUnequal(
  { merged, own }: PodContainer,
  written: string,
  names: ResourceNames,
): Iterable<Report> {
  for (const name of namesIn(merged)) {
    const request = merged.requests.get(name);
    if (request === undefined || name === written || !isExtended(name)) continue;
    // Another report covers names that KServe's validator refuses.
    if (names.kindOf(name) === 'unknown' && own?.requests.has(name) === true) continue;
    // The rule gpu-type-mix reports two types that are both requested.
    if (names.isGpu(name) && isAsked(request) && isAsked(merged.requests.get(written))) continue;
    const limit = merged.limits.get(name);
    // Another report covers quantities that are not counts.
    if (limit !== undefined && (request.count === limit.count || request.given === limit.given)) continue;
    const inService = own?.requests.get(name);
    yield new LateReport(
      'deny',
      () => (inService ?? request).field,
      () => wordsOf(name, request, limit),
      inService === undefined ? 'runtime' : undefined,
    );
  }
}

function wordsOf(name: string, request: ResourceEntry, limit: ResourceEntry | undefined): Words {
  const found =
    limit === undefined
      ? `${quote(name)} has a request and no limit`
      : `${quote(name)}: request ${quote(request.given)} and limit ${quote(limit.given)} differ`;
  return {
    message: `${found}, and KServe leaves it so, which the API server refuses in the Deployment`,
    fix: 'write the same count in requests and limits',
    short: `${found}, which the API server refuses: write the same count in requests and limits`,
  };
}

function isAsked(entry: ResourceEntry | undefined): boolean {
  return (entry?.count ?? 0) > 0;
}

/** Extended resources have a domain in their names. Huge pages have none, but follow the same rule. */
function isExtended(name: string): boolean {
  return name.includes('/') || name.startsWith('hugepages-');
}
