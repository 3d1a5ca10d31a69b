/** Counts of GPUs, as gpu-resource judges them. */
import type { ContainerView, ResourceEntry } from '../../kserve/container.ts';
import { namesIn, type ResourceNames } from '../../kserve/resource-names.ts';
import type { RuntimeView } from '../../kserve/runtime.ts';
import { quote, visible } from '../../lib/text.ts';
import type { Report } from './finding.ts';

/** @returns what is wrong with the count of one GPU type in one container */
export function gpuCounts({ requests, limits }: ContainerView, name: string): readonly Report[] {
  const request = requests.get(name);
  const limit = limits.get(name);
  if (request !== undefined && request.given === limit?.given && (request.count ?? 0) > 0) return [];
  // The same value in both is one slip.
  const given = [request, request?.given === limit?.given ? undefined : limit].filter(
    (entry) => entry !== undefined,
  );
  const notCounts = given.filter((entry) => entry.count === null);
  if (notCounts.length > 0) return notCounts.map((entry) => noCount(entry, name, ''));
  if (request !== undefined && limit !== undefined && request.count !== limit.count) {
    return [unequal(request, limit, name)];
  }
  return given
    .slice(0, 1)
    .filter(({ count }) => count === 0)
    .map((entry) => zero(entry, name));
}

function noCount({ field, given }: ResourceEntry, name: string, where: string): Report {
  const found = `${visible(name)}${where} is ${quote(given)}`;
  return {
    severity: 'deny',
    field,
    message: `${found}, not a positive whole number`,
    fix: `write a whole number, as in ${visible(name)}: "${wholeOf(given)}"`,
    short: `${found}: write a whole number`,
  };
}

/** What a fraction or a negative number stands for; else a usual count. */
function wholeOf(given: unknown): number {
  const whole =
    typeof given === 'string' || typeof given === 'number' ? Math.floor(Number.parseFloat(`${given}`)) : 0;
  return whole >= 1 && whole <= USUAL_COUNT ? whole : USUAL_COUNT;
}

const USUAL_COUNT = 8;

function unequal(request: ResourceEntry, limit: ResourceEntry, name: string): Report {
  const found = `${visible(name)}: request ${quote(request.given)} and limit ${quote(limit.given)} differ`;
  return {
    severity: 'warn',
    field: request.field,
    message: `${found}, and KServe takes the request for both`,
    fix: 'write the same count in requests and limits',
    short: `${found}: KServe takes the request for both`,
  };
}

function zero({ field, given }: ResourceEntry, name: string): Report {
  return {
    severity: 'warn',
    field,
    message: `${visible(name)} is ${quote(given)}, which KServe takes as unset, and then it decides the count`,
    fix: 'leave it out, or write the count that you mean',
    short: `${visible(name)} is ${quote(given)}, which counts as unset: leave it out or write a count`,
  };
}

/** Unreadable counts that only the runtime gives, since no plan can be made with them. */
export function* inheritedCounts(
  below: ContainerView | null,
  own: ContainerView | null,
  { kind, name }: RuntimeView,
  names: ResourceNames,
): Iterable<Report> {
  if (below === null) return;
  for (const type of namesIn(below)) {
    const entry = below.requests.get(type);
    if (entry === undefined || entry.count !== null) continue;
    if (!names.isGpu(type) || own?.requests.has(type) === true) continue;
    yield { ...noCount(entry, type, ` of the ${kind} ${quote(name)}`), owner: 'runtime' };
  }
}
