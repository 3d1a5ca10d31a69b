/** Requests of cpu, memory and ephemeral storage that are above their limits after KServe's merge. For merge. */
import type { ResourceEntry } from '../../kserve/container.ts';
import type { MergedPair } from '../../kserve/merge.ts';
import type { RuntimeView } from '../../kserve/runtime.ts';
import { quote } from '../../lib/text.ts';
import type { Report } from './finding.ts';

/** KServe writes a count of GPUs into both. */
const COMPARED = ['cpu', 'memory', 'ephemeral-storage'];

/** A request or a limit alone is fine. A quantity that Kubernetes can't read is not compared. */
export function* requestsAboveLimits(
  { role, own, ofRuntime }: MergedPair,
  runtime: RuntimeView | null,
): Iterable<Report> {
  for (const name of COMPARED) {
    const ownRequest = own?.requests.get(name);
    const ownLimit = own?.limits.get(name);
    const request = ownRequest ?? ofRuntime?.requests.get(name);
    const limit = ownLimit ?? ofRuntime?.limits.get(name);
    if (request === undefined || limit === undefined || !isAbove(request, limit)) continue;
    const there = `the ${runtime?.kind} ${quote(runtime?.name)}`;
    const from = (entry: ResourceEntry | undefined): string =>
      entry === undefined ? `in ${there}` : 'in the service';
    const found = `the ${role}'s ${name} request is ${shown(request)}`;
    const fix = fixOf(name, ownRequest, ownLimit, there);
    yield {
      severity: 'deny',
      field: (ownRequest ?? ownLimit ?? request).field,
      message:
        `${found} ${from(ownRequest)}, above the limit of ${shown(limit)} ${from(ownLimit)}; ` +
        'the pod gets both, and the API server refuses the Deployment',
      fix,
      short: `${found}, above the limit of ${shown(limit)}, which the API server refuses: ${fix}`,
      ...(ownRequest === undefined && ownLimit === undefined && { owner: 'runtime' }),
    };
  }
}

function isAbove({ quantity: request }: ResourceEntry, { quantity: limit }: ResourceEntry): boolean {
  return request !== null && limit !== null && request.nano > limit.nano;
}

/** What is no text or number is no quantity. */
function shown({ given }: ResourceEntry): string {
  return String(given);
}

function fixOf(
  name: string,
  request: ResourceEntry | undefined,
  limit: ResourceEntry | undefined,
  runtime: string,
): string {
  if (request !== undefined && limit !== undefined) {
    return `write requests.${name}: ${shown(limit)}, or limits.${name}: ${shown(request)}`;
  }
  if (request !== undefined) return `write limits.${name}: ${shown(request)} beside it`;
  if (limit !== undefined) return `write requests.${name}: ${shown(limit)} beside it`;
  return `write requests.${name} and limits.${name} in the service, or lower the request in ${runtime}`;
}
