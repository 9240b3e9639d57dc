{{/* The names, labels and images that several resources share. */}}

{{- define "portico.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 50 | trimSuffix "-" }}
{{- end }}

{{/* Other names are made of it by a suffix: no more than 50 letters, so that all stay under 63. */}}
{{- define "portico.fullname" -}}
{{- $name := include "portico.name" . }}
{{- $made := contains $name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name $name) }}
{{- .Values.fullnameOverride | default $made | trunc 50 | trimSuffix "-" }}
{{- end }}

{{- define "portico.chart" -}}
{{- printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "portico.labels" -}}
helm.sh/chart: {{ include "portico.chart" . }}
{{ include "portico.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "portico.selectorLabels" -}}
app.kubernetes.io/name: {{ include "portico.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "portico.serviceAccountName" -}}
{{- .Values.serviceAccount.name | default (.Values.serviceAccount.create | ternary (include "portico.fullname" .) "default") }}
{{- end }}

{{/* Of cluster-wide resources. No name of a namespace or a release has a colon in it, so no two installations share one. */}}
{{- define "portico.clusterName" -}}
{{- printf "%s:%s" .Release.Namespace (include "portico.fullname" .) }}
{{- end }}

{{- define "portico.jobNamespace" -}}
{{- $fullname := include "portico.fullname" . }}
{{- $owner := eq .Release.Namespace $fullname | ternary $fullname (printf "%s-%s" .Release.Namespace $fullname) }}
{{- $namespace := .Values.jobs.namespace.name | default (printf "%s-jobs" $owner) }}
{{- if eq $namespace .Release.Namespace }}
{{- fail (printf "jobs.namespace.name: expected a namespace that has nothing but jobs in it, got %q, that of the release: whoever may start jobs could run them as any ServiceAccount there" $namespace) }}
{{- end }}
{{- if gt (len $namespace) 63 }}
{{- fail (printf "jobs.namespace.name: expected a name, since the one made of the release's is longer than 63 letters: %s" $namespace) }}
{{- end }}
{{- $namespace }}
{{- end }}

{{/* Of a group of values with repository, tag and digest: (list . .Values.image) */}}
{{- define "portico.image" -}}
{{- $root := index . 0 }}
{{- with index . 1 }}
{{- .digest | empty | ternary (printf "%s:%s" .repository (.tag | default $root.Chart.AppVersion)) (printf "%s@%s" .repository .digest) }}
{{- end }}
{{- end }}

{{/* Of what hooks run: not those by which the Service finds Portico's pods. */}}
{{- define "portico.hookLabels" -}}
helm.sh/chart: {{ include "portico.chart" . }}
app.kubernetes.io/name: {{ include "portico.name" . | trunc 58 }}-hook
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "portico.hookPod" -}}
restartPolicy: Never
securityContext:
  {{- include "portico.podSecurityContext" . | nindent 2 }}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with .Values.scheduling.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.scheduling.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "portico.hookContainer" -}}
image: {{ include "portico.image" (list . .Values.image) }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
resources:
  {{- toYaml .Values.resources | nindent 2 }}
securityContext:
  {{- include "portico.containerSecurityContext" . | nindent 2 }}
{{- end }}

{{/* What PodSecurity "restricted" asks for. */}}
{{- define "portico.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
# For the files of a mounted Secret.
fsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "portico.containerSecurityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}
