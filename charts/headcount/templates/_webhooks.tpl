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

{{/* How headcount is asked: (list the root context, the values of the phase, the path). */}}
{{- define "headcount.asked" -}}
{{- $root := index . 0 }}{{ $values := index . 1 -}}
admissionReviewVersions: [v1]
clientConfig:
  service:
    namespace: {{ $root.Release.Namespace }}
    name: {{ include "headcount.fullname" $root }}
    path: {{ index . 2 }}
    port: {{ $root.Values.service.port }}
  {{- if eq $root.Values.certificates.mode "existingSecret" }}
  caBundle: {{ required "certificates.existingSecret.caBundle is missing: the CA of the certificate, as PEM" $root.Values.certificates.existingSecret.caBundle | b64enc }}
  {{- end }}
{{- with $values.namespaceSelector }}
namespaceSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.objectSelector }}
objectSelector: {{- toYaml . | nindent 2 }}
{{- end }}
matchPolicy: Equivalent
sideEffects: None
timeoutSeconds: {{ $values.timeoutSeconds }}
{{- end }}

{{/* The two entries for InferenceServices, the same in both phases but for reinvocation. */}}
{{- define "headcount.services" -}}
{{- $root := index . 0 }}{{ $values := index . 1 }}{{ $path := index . 2 -}}
- name: watched.multinode.headcount.dev
  {{- include "headcount.asked" . | nindent 2 }}
  failurePolicy: Ignore
  {{- include "headcount.serviceRules" $path | nindent 2 }}
  matchConditions:
    {{- include "headcount.notUnderDeletion" $root | nindent 4 }}
    - name: not-judged
      expression: >-
        !({{ include "headcount.multiNode" $root | nindent 8 | trim }} &&
        ({{ include "headcount.changed" $root | nindent 8 | trim }}))
    {{- with $values.matchConditions }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
- name: judged.multinode.headcount.dev
  {{- include "headcount.asked" . | nindent 2 }}
  failurePolicy: {{ $values.failurePolicy }}
  {{- include "headcount.serviceRules" $path | nindent 2 }}
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

{{- define "headcount.serviceRules" -}}
{{- if eq . "/mutate" -}}
reinvocationPolicy: IfNeeded
{{ end -}}
rules:
  - apiGroups: [serving.kserve.io]
    apiVersions: [v1beta1]
    resources: [inferenceservices]
    operations: [CREATE, UPDATE]
    scope: Namespaced
{{- end }}

{{- define "headcount.webhookAnnotations" -}}
{{- $root := index . 0 }}{{ $annotations := deepCopy (index . 1) -}}
{{- if eq $root.Values.certificates.mode "certManager" -}}
{{- $_ := set $annotations "cert-manager.io/inject-ca-from" (printf "%s/%s" $root.Release.Namespace (include "headcount.fullname" $root)) -}}
{{- end -}}
{{- with $annotations }}
annotations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
