/**
 * What OpenShift's default SecurityContextConstraints, restricted-v2, ask of a pod (bindata of its
 * cluster-kube-apiserver-operator): no user and no group of its own choice, since the namespace has ranges of its own.
 */
import type { Loose } from '../../rules/cases.ts';

const VOLUMES = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
];

/** @returns what restricted-v2 would refuse, in short lines */
export function refusedByRestrictedV2(spec: Loose): readonly string[] {
  const contexts: readonly Loose[] = [
    spec.securityContext ?? {},
    ...spec.containers.map(({ securityContext = {} }: Loose) => securityContext),
  ];
  const problems: string[] = [];
  for (const context of contexts) {
    for (const key of ['runAsUser', 'fsGroup']) if (key in context) problems.push(`${key} ${context[key]}`);
    const { type = 'RuntimeDefault' } = context.seccompProfile ?? {};
    if (type !== 'RuntimeDefault') problems.push(`seccompProfile ${type}`);
  }
  for (const { name, securityContext = {}, ports = [] } of spec.containers) {
    const { privileged = false, allowPrivilegeEscalation = false, capabilities = {} } = securityContext;
    if (privileged || allowPrivilegeEscalation) problems.push(`${name} has privileges`);
    if (!capabilities.drop?.includes('ALL')) problems.push(`${name} drops not all capabilities`);
    for (const { hostPort } of ports) if (hostPort !== undefined) problems.push(`${name} has a host port`);
  }
  for (const key of ['hostNetwork', 'hostPID', 'hostIPC']) if (spec[key] === true) problems.push(key);
  for (const { name, ...source } of spec.volumes ?? []) {
    const other = Object.keys(source).find((kind) => !VOLUMES.includes(kind));
    if (other !== undefined) problems.push(`volume ${name} is of kind ${other}`);
  }
  return problems;
}
