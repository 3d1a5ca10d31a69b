/**
 * What a pod requests of a node, and what it is limited to, as kube-scheduler and the quotas count: its containers
 * together, or an init container that asks for more; restartable init containers (sidecars) beside both; pod-level
 * resources in place of that sum; the overhead of its runtime class on top (read: k8s.io/component-helpers v0.36.3,
 * resource/helpers.go, PodRequests and PodLimits).
 */
import { asList, asString, at, property } from '../lib/json.ts';
import { greatest, NOTHING, only, plus, readAmounts, type Amounts } from './amounts.ts';

/** @param pod with spec, and with status where it runs */
export function podRequests(pod: unknown): Amounts {
  const spec = property(pod, 'spec');
  const containers = together(pod, containerRequests);
  const ofPod = only(readAmounts(at(spec, 'resources', 'requests')), isOfPod);
  return plus(new Map([...containers, ...ofPod]), readAmounts(property(spec, 'overhead')));
}

/** @param pod with spec, and with status where it runs */
export function podLimits(pod: unknown): Amounts {
  const spec = property(pod, 'spec');
  const containers = together(pod, containerLimits);
  const ofPod = only(readAmounts(at(spec, 'resources', 'limits')), isOfPod);
  const limits = new Map([...containers, ...ofPod]);
  const isLimited = (name: string): boolean => (limits.get(name) ?? 0n) > 0n;
  return plus(limits, only(readAmounts(property(spec, 'overhead')), isLimited));
}

/** The names that Kubernetes reads in a pod's own resources. */
export function isOfPod(name: string): boolean {
  return name === 'cpu' || name === 'memory' || name.startsWith('hugepages-');
}

/** The API server takes a limit for the request where there is none. */
export function requestsOf(container: unknown): Amounts {
  const resources = property(container, 'resources');
  return new Map([
    ...readAmounts(property(resources, 'limits')),
    ...readAmounts(property(resources, 'requests')),
  ]);
}

export function limitsOf(container: unknown): Amounts {
  return readAmounts(at(container, 'resources', 'limits'));
}

/** @param status what the kubelet says of the container; undefined where it says nothing */
type Part = (container: unknown, status: unknown, pod: unknown) => Amounts;

/** A container that is being resized counts with the larger of what it has and what it is to get. */
const containerRequests: Part = (container, status, pod) => {
  const stated = requestsOf(container);
  if (property(status, 'resources') === undefined) return stated;
  const actual = greatest(
    readAmounts(at(status, 'resources', 'requests')),
    readAmounts(property(status, 'allocatedResources')),
  );
  return isInfeasible(pod) ? actual : greatest(stated, actual);
};

const containerLimits: Part = (container, status, pod) => {
  const stated = limitsOf(container);
  if (property(status, 'resources') === undefined) return stated;
  const actual = readAmounts(at(status, 'resources', 'limits'));
  return isInfeasible(pod) ? actual : greatest(stated, actual);
};

/** Was a resize asked for that the node can't make? */
function isInfeasible(pod: unknown): boolean {
  const pending = asList(at(pod, 'status', 'conditions')).find(
    (condition) => property(condition, 'type') === 'PodResizePending',
  );
  return property(pending, 'reason') === 'Infeasible';
}

function together(pod: unknown, part: Part): Amounts {
  const spec = property(pod, 'spec');
  const statuses = statusesOf(pod);
  const of = (container: unknown): Amounts =>
    part(container, statuses.get(asString(property(container, 'name')) ?? ''), pod);
  let sum = plus(...asList(property(spec, 'containers')).map(of));
  let sidecars = NOTHING;
  let most = NOTHING;
  for (const container of asList(property(spec, 'initContainers'))) {
    if (property(container, 'restartPolicy') === 'Always') {
      const own = of(container);
      sum = plus(sum, own);
      sidecars = plus(sidecars, own);
    } else {
      most = greatest(most, plus(part(container, undefined, pod), sidecars));
    }
  }
  return greatest(sum, most);
}

function statusesOf(pod: unknown): ReadonlyMap<string, unknown> {
  const statuses = ['initContainerStatuses', 'containerStatuses'].flatMap((key) =>
    asList(at(pod, 'status', key)),
  );
  return new Map(statuses.map((status) => [asString(property(status, 'name')) ?? '', status]));
}
