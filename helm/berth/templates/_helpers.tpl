{{/* Cluster-wide objects carry the namespace of the release, so that two instances do not meet. */}}
{{- define "berth.clusterName" -}}
{{ .Release.Namespace }}-{{ .name }}
{{- end }}

{{- define "berth.labels" -}}
app.kubernetes.io/name: berth
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "berth.user" -}}
system:serviceaccount:{{ .Release.Namespace }}:{{ .Values.serviceAccount.name }}
{{- end }}
