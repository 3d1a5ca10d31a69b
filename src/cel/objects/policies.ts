/**
 * The policies as Kubernetes objects: ValidatingAdmissionPolicy and its bindings, for services and for runtimes. A
 * rule that the configuration sets to `warn` stands in a second pair, whose binding warns.
 */
import type { Config } from '../../config/config.ts';
import type { Variable } from '../cel.ts';
import type { CelRule, Subject } from '../rule.ts';
import { bindings, resourceRules, type Action } from './bindings.ts';
import { CHANGED, MULTI_NODE, NOT_UNDER_DELETION, type Condition } from './conditions.ts';
import { exceptedVariable } from './exceptions.ts';
import { API, type KubernetesObject } from './kubernetes.ts';
import { messageVariable, rulesOf, ruleVariables, subjectVariables, validation } from './validations.ts';

export const SUBJECTS: readonly Subject[] = ['services', 'runtimes'];

/** The name of the webhook configurations, with the kind of objects in front. */
const NAMES: Readonly<Record<Subject, string>> = {
  services: 'multinode.headcount.dev',
  runtimes: 'runtimes.multinode.headcount.dev',
};

export function policyName(subject: Subject, action: Action): string {
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

/** @returns the policies that a configuration makes, each followed by its bindings; none where nothing is enforced */
export function policyObjects(config: Config): readonly KubernetesObject[] {
  return SUBJECTS.flatMap((subject) => [
    ...policyWithBindings(subject, 'Deny', ['default', 'deny'], config),
    ...policyWithBindings(subject, 'Warn', ['warn'], config),
  ]);
}

/** @param levels those of the rules that the policy has */
function policyWithBindings(
  subject: Subject,
  action: Action,
  levels: readonly string[],
  config: Config,
): readonly KubernetesObject[] {
  const rules = rulesOf(subject).filter(({ id }) => levels.includes(config.rules[id] ?? 'default'));
  const bound = bindings(subject, policyName(subject, action), action, config);
  return rules.length === 0 || bound.length === 0 ? [] : [policy(subject, action, rules, config), ...bound];
}

function policy(
  subject: Subject,
  action: Action,
  rules: readonly CelRule[],
  config: Config,
): KubernetesObject {
  return {
    apiVersion: API,
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: policyName(subject, action) },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: { resourceRules: resourceRules(subject, '*') },
      matchConditions: conditions(subject),
      variables: [
        ...settings(config),
        ...subjectVariables(subject),
        // An exception lowers denials, and is for services.
        ...(subject === 'services' ? [exceptedVariable(action === 'Deny' ? config.exceptions : [])] : []),
        ...rules.flatMap((rule) => ruleVariables(rule, subject)),
        messageVariable(rules.map(({ id }) => id)),
      ],
      validations: rules.map(validation),
    },
  };
}

export function conditions(subject: Subject): readonly Condition[] {
  return [NOT_UNDER_DELETION, ...(subject === 'services' ? [MULTI_NODE] : []), CHANGED];
}
