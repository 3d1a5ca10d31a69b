/**
 * The policies as Kubernetes objects: ValidatingAdmissionPolicy and its binding, for services and for runtimes. A
 * rule that the configuration sets to `warn` stands in a second pair, whose binding warns.
 */
import type { Config } from '../../config/config.ts';
import type { Variable } from '../cel.ts';
import { CHANGED, MULTI_NODE, NOT_UNDER_DELETION, type Condition } from './conditions.ts';
import type { CelRule, Subject } from '../rule.ts';
import { messageVariable, rulesOf, ruleVariables, subjectVariables, validation } from './validations.ts';

export const SUBJECTS: readonly Subject[] = ['services', 'runtimes'];

/** The name of the webhook configurations, with the kind of objects in front. */
const NAMES: Readonly<Record<Subject, string>> = {
  services: 'multinode.headcount.dev',
  runtimes: 'runtimes.multinode.headcount.dev',
};
const API = 'admissionregistration.k8s.io/v1';
const ENFORCE = 'headcount.dev/enforce';

export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: Readonly<Record<string, unknown>>;
}

export function policyName(subject: Subject, action: 'Deny' | 'Warn'): string {
  return action === 'Deny' ? NAMES[subject] : `warn.${NAMES[subject]}`;
}

/** The configuration's values that the rules need, as JSON: it is valid CEL, and the chart can write it. */
export function settings(config: Config): readonly Variable[] {
  return [
    { name: 'protocols', expression: JSON.stringify(config.storage.protocols) },
    { name: 'gpuTypes', expression: JSON.stringify(config.gpus.types) },
    { name: 'notGpus', expression: JSON.stringify(config.gpus.notGpus) },
    { name: 'maxTotal', expression: String(config.gpus.maxTotal) },
  ];
}

/** @returns the policies that a configuration makes, each followed by its bindings */
export function policyObjects(config: Config): readonly KubernetesObject[] {
  return SUBJECTS.flatMap((subject) => {
    const at = (...levels: readonly string[]): readonly CelRule[] =>
      rulesOf(subject).filter(({ id }) => levels.includes(config.rules[id] ?? 'default'));
    const [denied, warned] = [at('default', 'deny'), at('warn')];
    return [
      ...(denied.length === 0
        ? []
        : [
            policy(subject, 'Deny', denied, config),
            binding(subject, 'Deny', ['Deny'], exempted(config, 'warn', 'off')),
            ...(config.namespaces.labels ? [warningNamespaces(subject, config)] : []),
          ]),
      ...(warned.length === 0
        ? []
        : [
            policy(subject, 'Warn', warned, config),
            binding(subject, 'Warn', ['Warn'], exempted(config, 'off')),
          ]),
    ];
  });
}

function policy(
  subject: Subject,
  action: 'Deny' | 'Warn',
  rules: readonly CelRule[],
  config: Config,
): KubernetesObject {
  return {
    apiVersion: API,
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: policyName(subject, action) },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: { resourceRules: resourceRules(subject) },
      matchConditions: conditions(subject),
      variables: [
        ...settings(config),
        ...subjectVariables(subject),
        ...rules.flatMap((rule) => ruleVariables(rule, subject)),
        messageVariable(rules.map(({ id }) => id)),
      ],
      validations: rules.map(validation),
    },
  };
}

export function resourceRules(subject: Subject): readonly object[] {
  const services = subject === 'services';
  return [
    {
      apiGroups: ['serving.kserve.io'],
      apiVersions: [services ? 'v1beta1' : 'v1alpha1'],
      resources: services ? ['inferenceservices'] : ['servingruntimes', 'clusterservingruntimes'],
      operations: ['CREATE', 'UPDATE'],
    },
  ];
}

export function conditions(subject: Subject): readonly Condition[] {
  return [NOT_UNDER_DELETION, ...(subject === 'services' ? [MULTI_NODE] : []), CHANGED];
}

interface Requirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn';
  readonly values: readonly string[];
}

/** Excludes the exempt namespaces and, if the configuration honours labels, those with one of these label values. */
function exempted({ namespaces }: Config, ...labels: readonly string[]): readonly Requirement[] {
  return [
    ...(namespaces.exempt.length === 0
      ? []
      : [
          {
            key: 'kubernetes.io/metadata.name',
            operator: 'NotIn' as const,
            values: namespaces.exempt,
          },
        ]),
    ...(namespaces.labels ? [{ key: ENFORCE, operator: 'NotIn' as const, values: labels }] : []),
  ];
}

function binding(
  subject: Subject,
  action: 'Deny' | 'Warn',
  validationActions: readonly string[],
  matchExpressions: readonly Requirement[],
  name = policyName(subject, action),
): KubernetesObject {
  return {
    apiVersion: API,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name },
    spec: {
      policyName: policyName(subject, action),
      validationActions,
      ...(matchExpressions.length > 0 && { matchResources: { namespaceSelector: { matchExpressions } } }),
    },
  };
}

/** Where a namespace's label turns denials into warnings. */
function warningNamespaces(subject: Subject, config: Config): KubernetesObject {
  const [exempt] = exempted({ ...config, namespaces: { ...config.namespaces, labels: false } });
  const only: Requirement = { key: ENFORCE, operator: 'In', values: ['warn'] };
  return binding(
    subject,
    'Deny',
    ['Warn'],
    [...(exempt === undefined ? [] : [exempt]), only],
    `labelled.${policyName(subject, 'Deny')}`,
  );
}
