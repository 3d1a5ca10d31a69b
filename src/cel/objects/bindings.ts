/**
 * Where a policy holds, and whether it denies or warns there: `enforcement`, and the namespaces that the configuration
 * exempts or whose labels it honours. The same decision as src/admission/enforcement.ts, as bindings.
 */
import { ENFORCEMENT_LEVELS, type Config } from '../../config/config.ts';
import type { Subject } from '../rule.ts';
import { API, type KubernetesObject } from './kubernetes.ts';

const ENFORCE = 'headcount.dev/enforce';

export type Action = 'Deny' | 'Warn';
type Level = Config['enforcement'];

interface Requirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn';
  readonly values: readonly string[];
}

/**
 * @param action of the policy. What `Deny` denies becomes a warning in a second binding where that is what is enforced
 * @returns the bindings of a policy. Those that deny have the policy's name, if there are any: applying the objects of
 *   another configuration then replaces them
 */
export function bindings(
  subject: Subject,
  policyName: string,
  action: Action,
  config: Config,
): readonly KubernetesObject[] {
  const wanted: readonly (readonly [Action, readonly Level[]])[] =
    action === 'Deny'
      ? [
          ['Deny', ['deny']],
          ['Warn', ['warn']],
        ]
      : [['Warn', ['deny', 'warn']]];
  return wanted
    .flatMap(([does, levels]) => {
      const where = matchResources(subject, levels, config);
      return where === null ? [] : [{ does, where }];
    })
    .map(({ does, where }, index) => ({
      apiVersion: API,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name: index === 0 ? policyName : `lowered.${policyName}` },
      spec: {
        policyName,
        validationActions: [does],
        ...(Object.keys(where).length > 0 && { matchResources: where }),
      },
    }));
}

/** @returns which objects are enforced at one of these levels: {} for all, null for none */
function matchResources(
  subject: Subject,
  levels: readonly Level[],
  { enforcement, namespaces }: Config,
): object | null {
  const otherwise = levels.includes(enforcement);
  if (!namespaces.labels && !otherwise) return null;
  const others = ENFORCEMENT_LEVELS.filter((level) => !levels.includes(level));
  const matchExpressions: readonly Requirement[] = [
    ...(namespaces.exempt.length > 0
      ? [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn' as const, values: namespaces.exempt }]
      : []),
    ...(namespaces.labels
      ? [
          otherwise
            ? { key: ENFORCE, operator: 'NotIn' as const, values: others }
            : { key: ENFORCE, operator: 'In' as const, values: levels },
        ]
      : []),
  ];
  return {
    // An object without a namespace matches every selector of namespaces, and it has no label.
    ...(!otherwise && { resourceRules: resourceRules(subject, 'Namespaced') }),
    ...(matchExpressions.length > 0 && { namespaceSelector: { matchExpressions } }),
  };
}

/** @param scope `*` for objects with and without a namespace */
export function resourceRules(subject: Subject, scope: string): readonly object[] {
  const services = subject === 'services';
  return [
    {
      apiGroups: ['serving.kserve.io'],
      apiVersions: [services ? 'v1beta1' : 'v1alpha1'],
      resources: services ? ['inferenceservices'] : ['servingruntimes', 'clusterservingruntimes'],
      operations: ['CREATE', 'UPDATE'],
      scope,
    },
  ];
}
