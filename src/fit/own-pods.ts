/** The pods of a service that run. */
import { roleOfPod } from '../kserve/own-pods.ts';
import type { PodTemplate } from '../kserve/pod-templates.ts';
import type { Pod } from './pod.ts';

export type Own = readonly { readonly role: PodTemplate['role']; readonly pod: Pod }[];

/** @param name of the service; null while only generateName is known: then no pod is its own */
export function ownPods(namespace: string, name: string | null, pods: readonly Pod[]): Own {
  if (name === null) return [];
  return pods.flatMap((pod) => {
    const role = pod.namespace === namespace ? roleOfPod(pod.labels, name) : null;
    return role === null ? [] : [{ role, pod }];
  });
}
