/**
 * What is made from src/cel beside `headcount policy`: the chart's templates/policy.yaml, where the values'
 * configuration stands in for the file, and the table of docs/policy.md. Run: npm run chart:generate; a test holds
 * that both are up to date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { policyYaml } from '../src/cli/policy/policy-yaml.ts';
import { DEFAULTS, ENFORCEMENT_LEVELS } from '../src/config/config.ts';
import { resourceRules } from '../src/cel/objects/bindings.ts';
import { EXCEPTED, hasName } from '../src/cel/objects/exceptions.ts';
import { conditions, policyName, settings, SUBJECTS } from '../src/cel/objects/policies.ts';
import type { Subject } from '../src/cel/rule.ts';
import { CEL_RULES } from '../src/cel/rules/index.ts';
import {
  denialsOf,
  rulesOf,
  ruleVariables,
  subjectVariables,
  validation,
} from '../src/cel/objects/validations.ts';

const ROOT = join(import.meta.dirname, '..');
const TEMPLATE = join(ROOT, 'charts/headcount/templates/policy.yaml');
const PAGE = join(ROOT, 'docs/policy.md');
const TABLE = /(<!-- rules -->\n)[^]*?(<!-- \/rules -->)/;

/** Where the values say what a variable of the settings is; as JSON, which CEL reads. */
const IN_VALUES: Readonly<Record<string, string>> = {
  protocols: '"storage" "protocols"',
  gpuTypes: '"gpus" "types"',
  notGpus: '"gpus" "notGpus"',
  maxTotal: '"gpus" "maxTotal"',
};

function indented(text: string, columns: number): string {
  return text.trimEnd().replaceAll(/^(?=.)/gm, ' '.repeat(columns));
}

/** A list of one, as it stands in a list. */
function item(value: object): string {
  return indented(policyYaml([value]), 4);
}

function setting(name: string, standard: string): string {
  const given = standard.startsWith('[')
    ? `(list${standard.slice(1, -1).replaceAll(/,?("[^"]*")/g, ' $1')})`
    : standard;
  const value = `{{ dig ${IN_VALUES[name]} ${given} $config | ${standard.startsWith('[') ? 'toJson' : 'int'} }}`;
  return item({ name, expression: value });
}

/** As exceptedVariable (src/cel/objects/exceptions.ts), of the exceptions whose day is not over when Helm runs. */
const EXCEPTIONS = `    - name: ${EXCEPTED}
      expression: |-
        []
        {{- if eq $action "Deny" }}
        {{- range dig "exceptions" list $config }}
        {{- if ge (toString .until) (dateInZone "2006-01-02" now "UTC") }} +
        (request.namespace in {{ toJson .namespaces }}{{ with .names }} && ${hasName(
          '{{ printf "^(%s)$" (join "|" . | replace "." "[.]" | replace "*" ".*") | toJson }}',
        )}{{ end }} ? {{ toJson .rules }} : [])
        {{- end }}
        {{- end }}
        {{- end }}
`;

/** One policy with its bindings, for the rules whose level is among those of the action. */
function subjectTemplate(subject: Subject): string {
  const rules = rulesOf(subject);
  const when = (id: string, text: string): string =>
    `    {{- if has "${id}" $ids }}\n${text}\n    {{- end }}`;
  return `{{- define "headcount.policy.${subject}" -}}
{{- $root := index . 0 }}{{ $action := index . 1 }}{{ $config := $root.Values.config -}}
{{- $levels := eq $action "Deny" | ternary (list "default" "deny") (list "warn") -}}
{{- $ids := list }}{{ $denials := list -}}
${rules
  .map(
    ({ id }) =>
      `{{- if has (dig "rules" "${id}" "default" $config) $levels }}{{ $ids = append $ids "${id}" }}{{ $denials = append $denials "variables.${denialsOf(id)}" }}{{ end -}}`,
  )
  .join('\n')}
{{- $name := eq $action "Deny" | ternary "${policyName(subject, 'Deny')}" "${policyName(subject, 'Warn')}" -}}
{{- $enforcement := dig "enforcement" "${DEFAULTS.enforcement}" $config }}{{ $labels := dig "namespaces" "labels" false $config -}}
{{- if and $ids (or $labels (ne $enforcement "off")) }}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: {{ $name }}
  labels: {{- include "headcount.labels" $root | nindent 4 }}
spec:
  failurePolicy: Fail
  matchConstraints:
    {{- with $root.Values.webhook.validating.namespaceSelector }}
    namespaceSelector: {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- with $root.Values.webhook.validating.objectSelector }}
    objectSelector: {{- toYaml . | nindent 6 }}
    {{- end }}
    resourceRules: {{- include "headcount.policyResources.${subject}" "*" | nindent 6 }}
  matchConditions:
${conditions(subject).map(item).join('\n')}
    {{- with $root.Values.webhook.validating.matchConditions }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  variables:
${settings(DEFAULTS)
  .map(({ name, expression }) => setting(name, expression))
  .join('\n')}
${subjectVariables(subject).map(item).join('\n')}
${subject === 'services' ? EXCEPTIONS : ''}\
${rules.map((rule) => when(rule.id, ruleVariables(rule, subject).map(item).join('\n'))).join('\n')}
    - name: denials
      expression: {{ join " + " $denials }}
  validations:
${rules.map((rule) => when(rule.id, item(validation(rule)))).join('\n')}
{{- $common := dict "root" $root "policy" $name "subject" "${subject}" }}
{{- if eq $action "Warn" }}
{{- include "headcount.policyBinding" (merge (dict "name" $name "actions" (list "Warn") "levels" (list "deny" "warn")) $common) }}
{{- else }}
{{- $actions := $root.Values.policy.validationActions }}
{{- include "headcount.policyBinding" (merge (dict "name" $name "actions" $actions "levels" (list "deny")) $common) }}
{{- $lowered := list }}{{ range $actions }}{{ $lowered = append $lowered (eq . "Deny" | ternary "Warn" .) }}{{ end }}
{{- include "headcount.policyBinding" (merge (dict "name" ($labels | ternary (printf "lowered.%s" $name) $name) "actions" $lowered "levels" (list "warn")) $common) }}
{{- end }}
{{- end }}
{{- end }}
`;
}

/** The objects of a subject; the argument is their scope. */
function resourcesTemplate(subject: Subject): string {
  return `{{- define "headcount.policyResources.${subject}" -}}
${policyYaml(resourceRules(subject, '{{ . }}'))}{{- end }}
`;
}

/** As matchResources (src/cel/objects/bindings.ts): nothing where nothing is enforced at one of the levels. */
const BINDING = `{{- define "headcount.policyBinding" -}}
{{- $config := .root.Values.config }}{{ $levels := .levels -}}
{{- $exempt := dig "namespaces" "exempt" list $config }}{{ $labels := dig "namespaces" "labels" false $config -}}
{{- $otherwise := has (dig "enforcement" "${DEFAULTS.enforcement}" $config) $levels -}}
{{- $others := list }}{{ range list ${ENFORCEMENT_LEVELS.map((level) => `"${level}"`).join(' ')} }}{{ if not (has . $levels) }}{{ $others = append $others . }}{{ end }}{{ end -}}
{{- if or $labels $otherwise }}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  name: {{ .name }}
  labels: {{- include "headcount.labels" .root | nindent 4 }}
spec:
  policyName: {{ .policy }}
  validationActions: {{ toJson .actions }}
  {{- if or $exempt $labels }}
  matchResources:
    {{- if not $otherwise }}
    resourceRules: {{- include (printf "headcount.policyResources.%s" .subject) "Namespaced" | nindent 6 }}
    {{- end }}
    namespaceSelector:
      matchExpressions:
        {{- with $exempt }}
        - key: kubernetes.io/metadata.name
          operator: NotIn
          values: {{ toJson . }}
        {{- end }}
        {{- if $labels }}
        - key: headcount.dev/enforce
          operator: {{ $otherwise | ternary "NotIn" "In" }}
          values: {{ $otherwise | ternary $others $levels | toJson }}
        {{- end }}
  {{- end }}
{{- end }}
{{- end }}
`;

/** @returns the text of templates/policy.yaml */
export function policyTemplate(): string {
  return `{{/* Made from src/cel by npm run chart:generate; docs/policy.md says what it covers. */}}
${BINDING}
${SUBJECTS.map(resourcesTemplate).join('\n')}
${SUBJECTS.map(subjectTemplate).join('\n')}
{{- if .Values.policy.enabled }}
${SUBJECTS.flatMap((subject) => ['Deny', 'Warn'].map((action) => `{{- include "headcount.policy.${subject}" (list . "${action}") }}`)).join('\n')}
{{- end }}
`;
}

/** @returns docs/policy.md with its table made anew */
export function policyPage(): string {
  const rows = CEL_RULES.map(({ id, covers, runtimes, services, left }) => {
    const objects = [services && 'services', runtimes && 'runtimes'].filter(Boolean).join(', ');
    const rest = left.map(({ what, why }) => `${what}: ${why}`).join('<br>');
    return `| \`${id}\` | ${objects || '-'} | ${covers ?? '-'} | ${rest || '-'} |`;
  });
  const table = [
    '| rule | in | denied by the policy | left to headcount, and why |',
    '|---|---|---|---|',
    ...rows,
    '',
  ];
  return readFileSync(PAGE, 'utf8').replace(
    TABLE,
    (_all, open: string, close: string) => `${open}${table.join('\n')}${close}`,
  );
}

if (process.argv[1] === import.meta.filename) {
  writeFileSync(TEMPLATE, policyTemplate());
  writeFileSync(PAGE, policyPage());
}
