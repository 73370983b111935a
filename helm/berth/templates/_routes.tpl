{{- /*
Which path is for whom, as the Nublado controller's deployment has it; Berth's own routes are with those they belong to.
ingress-nginx takes all paths of a host as regular expressions as soon as one is, the longest first: so the user's are
found before the hub's, and the hub's before the administrators' rest. `scope` and `delegate` are Gafaelfawr's.
*/ -}}
{{- define "berth.audiences" -}}
{{- /* As Berth reads it, a slash at its end is none. */}}
{{- $prefix := required "pathPrefix is not set: it is pathPrefix of Berth's configuration" .Values.pathPrefix | trimSuffix "/" }}
{{- $lab := printf "%s/spawner/v1/labs/[^/]+" (regexQuoteMeta $prefix) -}}
- name: anonymous
  paths:
    - { path: {{ $prefix }}/openapi.json, pathType: Exact }
    - { path: {{ $prefix }}/docs, pathType: Exact }
    - { path: {{ $prefix }}/redoc, pathType: Exact }
- name: admin
  scope: exec:admin
  paths:
    - { path: {{ $prefix }}, pathType: Prefix }
- name: hub
  scope: admin:jupyterlab
  paths:
    - { path: {{ $prefix }}/spawner/v1/labs, pathType: Prefix }
- name: user
  scope: exec:notebook
  delegate:
    notebook: {}
  annotations:
    nginx.ingress.kubernetes.io/use-regex: 'true'
  paths:
    - { path: '{{ $lab }}/create/?$', pathType: ImplementationSpecific }
    - { path: '{{ $lab }}/events/?$', pathType: ImplementationSpecific }
    - { path: {{ $prefix }}/spawner/v1/lab-form, pathType: Prefix }
    - { path: {{ $prefix }}/spawner/v1/user-status, pathType: Exact }
    - { path: {{ $prefix }}/spawner/v1/user-history, pathType: Exact }
    {{- if .Values.fileservers.enabled }}
    - { path: {{ $prefix }}/fileserver/v1/user-status, pathType: Exact }
    {{- end }}
{{- if .Values.fileservers.enabled }}
- name: files
  scope: write:files
  service: nublado-files
  delegate:
    internal:
      service: nublado-files
      scopes: []
  paths:
    - { path: {{ required "fileservers.pathPrefix is not set" .Values.fileservers.pathPrefix | trimSuffix "/" }}, pathType: Prefix }
{{- end }}
{{- end }}

{{- /* The Ingress of one audience, from its host on; `root` is the chart's, `audience` one of the above. */ -}}
{{- define "berth.ingressSpec" -}}
{{- $host := required "ingress.host is not set" .root.Values.ingress.host -}}
rules:
  - host: {{ $host | quote }}
    http:
      paths:
        {{- range .audience.paths }}
        - path: {{ .path | quote }}
          pathType: {{ .pathType }}
          backend:
            service:
              name: {{ $.root.Release.Name }}
              port:
                number: {{ $.root.Values.service.port }}
        {{- end }}
{{- with .root.Values.ingress.tlsSecret }}
tls:
  - hosts: [{{ $host | quote }}]
    secretName: {{ . }}
{{- end }}
{{- end }}

{{- /*
Streams must not be held back; an answer may take as long as what it waits for, a lab or a file server that is made or
removed; and a body that is too large is refused by Berth, which says what to do (`berth.budgets.maxBodyBytes`).
*/ -}}
{{- define "berth.ingressAnnotations" -}}
{{- $own := dict "nginx.ingress.kubernetes.io/proxy-buffering" "off" "nginx.ingress.kubernetes.io/proxy-read-timeout" "900" "nginx.ingress.kubernetes.io/proxy-body-size" "8m" -}}
{{- toYaml (mergeOverwrite $own (.audience.annotations | default dict) .root.Values.ingress.annotations (.guard | default dict)) -}}
{{- end }}
