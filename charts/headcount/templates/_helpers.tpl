{{- define "headcount.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end }}

{{/* At most 40 characters, so that every name made from it stays within 63. */}}
{{- define "headcount.fullname" -}}
{{- $name := include "headcount.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end }}

{{/* What is not in a namespace carries the release's, so that two releases don't share rights. */}}
{{- define "headcount.clusterName" -}}
{{- $name := include "headcount.fullname" . -}}
{{- if hasPrefix $name .Release.Namespace -}}
{{- $name -}}
{{- else -}}
{{- printf "%s-%s" .Release.Namespace $name -}}
{{- end -}}
{{- end }}

{{- define "headcount.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "headcount.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end }}

{{- define "headcount.auditServiceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- printf "%s-audit" (include "headcount.fullname" .) -}}
{{- else -}}
{{- include "headcount.serviceAccount" . -}}
{{- end -}}
{{- end }}

{{- define "headcount.selectorLabels" -}}
app.kubernetes.io/name: {{ include "headcount.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "headcount.labels" -}}
{{- $ours := include "headcount.selectorLabels" . | fromYaml -}}
{{- $_ := set $ours "app.kubernetes.io/version" .Chart.AppVersion -}}
{{- $_ := set $ours "app.kubernetes.io/managed-by" .Release.Service -}}
{{- $_ := set $ours "helm.sh/chart" (printf "%s-%s" .Chart.Name .Chart.Version) -}}
{{- mergeOverwrite (deepCopy .Values.commonLabels) $ours | toYaml -}}
{{- end }}

{{- define "headcount.image" -}}
{{- with .Values.image -}}
{{- $name := ternary (printf "%s/%s" .registry .repository) .repository (ne .registry "") -}}
{{- if .digest -}}
{{- printf "%s@%s" $name .digest -}}
{{- else -}}
{{- printf "%s:%s" $name (default $.Chart.AppVersion .tag) -}}
{{- end -}}
{{- end -}}
{{- end }}

{{- define "headcount.certificateSecret" -}}
{{- if eq .Values.certificates.mode "existingSecret" -}}
{{- required "certificates.existingSecret.name is missing: the Secret with tls.crt and tls.key" .Values.certificates.existingSecret.name -}}
{{- else -}}
{{- printf "%s-tls" (include "headcount.fullname" .) -}}
{{- end -}}
{{- end }}

{{/* The configuration file. logging.level counts where config.log.level is not given. */}}
{{- define "headcount.config" -}}
{{- $head := dict "apiVersion" "headcount.dev/v1alpha1" "kind" "HeadcountConfig" -}}
{{- $log := dict "log" (dict "level" .Values.logging.level) -}}
{{- mergeOverwrite $log (deepCopy .Values.config) $head | toYaml -}}
{{- end }}

{{- define "headcount.readsNamespaces" -}}
{{- if or .Values.rbac.namespaces (dig "namespaces" "labels" false .Values.config) -}}true{{- end -}}
{{- end }}
