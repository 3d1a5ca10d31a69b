{{/* Conditions of the webhooks. None fails, whatever the object's shape: one that does would refuse in CEL's words. */}}
{{- define "headcount.notUnderDeletion" -}}
- name: not-under-deletion
  expression: >-
    !(type(object) == map && has(object.metadata) && type(object.metadata) == map &&
    has(object.metadata.deletionTimestamp))
{{- end }}

{{- define "headcount.multiNode" -}}
[object, oldObject].exists(o, type(o) == map && has(o.spec) && type(o.spec) == map &&
has(o.spec.predictor) && type(o.spec.predictor) == map && has(o.spec.predictor.workerSpec))
{{- end }}

{{- define "headcount.changed" -}}
type(object) != map || type(oldObject) != map ||
has(object.spec) != has(oldObject.spec) || (has(object.spec) && object.spec != oldObject.spec) ||
!has(object.metadata) || !has(oldObject.metadata) ||
type(object.metadata) != map || type(oldObject.metadata) != map ||
has(object.metadata.annotations) != has(oldObject.metadata.annotations) ||
(has(object.metadata.annotations) && object.metadata.annotations != oldObject.metadata.annotations)
{{- end }}

{{/* The object carries the record of what headcount wrote. */}}
{{- define "headcount.recorded" -}}
type(object) == map && has(object.metadata) && type(object.metadata) == map &&
has(object.metadata.annotations) && type(object.metadata.annotations) == map &&
'headcount.dev/applied' in object.metadata.annotations
{{- end }}

{{/*
What somebody owns by Apply has changed; other managers change whenever something is written. An entry costs some
20 of the million that a condition may cost, and thousands of entries cost the API server itself seconds.
*/}}
{{- define "headcount.ownershipChanged" -}}
[[object, oldObject].map(o, type(o) == map && has(o.metadata) && type(o.metadata) == map &&
has(o.metadata.managedFields) && type(o.metadata.managedFields) == list
? o.metadata.managedFields.filter(m, type(m) == map && has(m.operation) && m.operation == 'Apply' &&
!has(m.subresource) && has(m.fieldsV1)).map(m, m.fieldsV1) : [])].exists(applied, applied[0] != applied[1])
{{- end }}

{{/* Where headcount is asked: (list the root context, the path). */}}
{{- define "headcount.called" -}}
{{- $root := index . 0 -}}
admissionReviewVersions: [v1]
sideEffects: None
clientConfig:
  service:
    namespace: {{ $root.Release.Namespace }}
    name: {{ include "headcount.fullname" $root }}
    path: {{ index . 1 }}
    port: {{ $root.Values.service.port }}
  {{- if eq $root.Values.certificates.mode "existingSecret" }}
  caBundle: {{ required "certificates.existingSecret.caBundle is missing: the CA of the certificate, as PEM" $root.Values.certificates.existingSecret.caBundle | b64enc }}
  {{- end }}
{{- if eq (index . 1) "/mutate" }}
reinvocationPolicy: IfNeeded
{{- end }}
{{- end }}

{{/* How headcount is asked: (list the root context, the values of the phase, the path, the most seconds). */}}
{{- define "headcount.asked" -}}
{{- $root := index . 0 }}{{ $values := index . 1 }}{{ $most := index . 3 -}}
{{ include "headcount.called" (list $root (index . 2)) }}
{{- with $values.namespaceSelector }}
namespaceSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.objectSelector }}
objectSelector: {{- toYaml . | nindent 2 }}
{{- end }}
matchPolicy: Equivalent
timeoutSeconds: {{ min $most $values.timeoutSeconds }}
{{- end }}

{{/* The two entries for InferenceServices, the same in both phases but for reinvocation. */}}
{{- define "headcount.services" -}}
{{- $root := index . 0 }}{{ $values := index . 1 }}{{ $path := index . 2 -}}
- name: watched.multinode.headcount.dev
  {{- include "headcount.asked" (append . 2) | nindent 2 }}
  failurePolicy: Ignore
  matchConditions:
    {{- include "headcount.notUnderDeletion" $root | nindent 4 }}
    - name: carries-our-record
      expression: >-
        {{- include "headcount.recorded" $root | nindent 8 }}
    - name: not-judged
      expression: >-
        !({{ include "headcount.multiNode" $root | nindent 8 | trim }} &&
        ({{ include "headcount.changed" $root | nindent 8 | trim }}))
    - name: spec-annotations-or-ownership-changed
      expression: >-
        {{- include "headcount.changed" $root | nindent 8 }} ||
        {{- include "headcount.ownershipChanged" $root | nindent 8 }}
    {{- with $values.matchConditions }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
- name: judged.multinode.headcount.dev
  {{- include "headcount.asked" (append . 30) | nindent 2 }}
  failurePolicy: {{ $values.failurePolicy }}
  matchConditions:
    {{- include "headcount.notUnderDeletion" $root | nindent 4 }}
    - name: multi-node
      expression: >-
        {{- include "headcount.multiNode" $root | nindent 8 }}
    - name: spec-or-annotations-changed
      expression: >-
        {{- include "headcount.changed" $root | nindent 8 }}
    {{- with $values.matchConditions }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end }}

{{/* The entry that warns of a service without workerSpec on a multi-node runtime; watched asks about the others. */}}
{{- define "headcount.notMultiNode" -}}
{{- $root := index . 0 }}{{ $values := index . 1 -}}
- name: not-multi-node.multinode.headcount.dev
  {{- include "headcount.asked" (append . 1) | nindent 2 }}
  failurePolicy: Ignore
  matchConditions:
    {{- include "headcount.notUnderDeletion" $root | nindent 4 }}
    - name: single-node
      expression: >-
        !{{ include "headcount.multiNode" $root | nindent 8 | trim }}
    - name: without-our-record
      expression: >-
        !({{ include "headcount.recorded" $root | nindent 8 | trim }})
    - name: spec-or-annotations-changed
      expression: >-
        {{- include "headcount.changed" $root | nindent 8 }}
    {{- with $values.matchConditions }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end }}

{{/*
The entry that proves that the API server reaches headcount (src/registration/probe.ts): it matches an Event that only
headcount sends, and only as a dry run. It has its rules from the start. (list the root context, the path, the kind).
*/}}
{{- define "headcount.probe" -}}
{{- $root := index . 0 -}}
- name: probe.multinode.headcount.dev
  {{- include "headcount.called" (list $root (index . 1)) | nindent 2 }}
  namespaceSelector:
    matchLabels: { kubernetes.io/metadata.name: {{ $root.Release.Namespace }} }
  matchPolicy: Exact
  timeoutSeconds: 1
  failurePolicy: Ignore
  rules:
    - apiGroups: ['']
      apiVersions: [v1]
      resources: [events]
      operations: [CREATE]
      scope: Namespaced
  matchConditions:
    - name: is-our-probe
      expression: object.metadata.name == 'headcount-probe-{{ index . 2 }}'
{{- end }}

{{/* The rules of the other entries by their names: (list the values of the phase, the path). */}}
{{- define "headcount.rules" -}}
{{- $services := "apiGroups: [serving.kserve.io], apiVersions: [v1beta1], resources: [inferenceservices], scope: Namespaced" -}}
watched.multinode.headcount.dev: [{ operations: [UPDATE], {{ $services }} }]
judged.multinode.headcount.dev: [{ operations: [CREATE, UPDATE], {{ $services }} }]
{{- if eq (index . 1) "/validate" }}
runtimes.multinode.headcount.dev:
  - apiGroups: [serving.kserve.io]
    apiVersions: [v1alpha1]
    resources: [servingruntimes, clusterservingruntimes]
    operations: [CREATE, UPDATE]
    scope: '*'
{{- end }}
{{- if (index . 0).warnNotMultiNode }}
not-multi-node.multinode.headcount.dev: [{ operations: [CREATE, UPDATE], {{ $services }} }]
{{- end }}
{{- end }}

{{/* (list the root context, the values of the phase, the path). */}}
{{- define "headcount.webhookAnnotations" -}}
{{- $root := index . 0 }}{{ $values := index . 1 -}}
{{- $rules := include "headcount.rules" (list $values (index . 2)) | fromYaml | toJson -}}
{{- $annotations := merge (dict "headcount.dev/rules" $rules) $values.annotations -}}
{{- if eq $root.Values.certificates.mode "certManager" -}}
{{- $_ := set $annotations "cert-manager.io/inject-ca-from" (printf "%s/%s" $root.Release.Namespace (include "headcount.fullname" $root)) -}}
{{- end -}}
annotations: {{- toYaml $annotations | nindent 2 }}
{{- end }}
