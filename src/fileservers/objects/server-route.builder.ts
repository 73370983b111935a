import type { V1Ingress, V1Service } from '@kubernetes/client-node';

import type { Plain } from '../../common/plain.js';
import { apiVersionOf } from '../../kubernetes/index.js';
import { PORT } from '../fileserver.marks.js';
import { GAFAELFAWR_INGRESSES, HTTP_ROUTES } from './kinds.mapper.js';
import type { GafaelfawrIngress, HttpRoute } from './kinds.mapper.js';
import {
  namesOf,
  ownershipLabels,
  serverMetadata,
  serverPath,
  serverSelector,
} from './server-scope.builder.js';
import type { ServerBuildInput } from './server-scope.builder.js';

export function buildService(input: ServerBuildInput): Plain<V1Service> {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: serverMetadata(input, namesOf(input).object),
    spec: { ports: [{ port: PORT, targetPort: PORT }], selector: serverSelector(input) },
  };
}

/** Gafaelfawr makes an Ingress of it that lets nobody but the owner through (contract 5.8). */
export function buildGafaelfawrIngress(input: ServerBuildInput): GafaelfawrIngress {
  const { object } = namesOf(input);
  return {
    apiVersion: apiVersionOf(GAFAELFAWR_INGRESSES),
    kind: GAFAELFAWR_INGRESSES.kind,
    metadata: serverMetadata(input, object),
    config: {
      allowOptions: true,
      authType: 'basic',
      baseUrl: input.baseUrl,
      scopes: { all: ['write:files'] },
      service: 'nublado-files',
      username: input.server.wish.owner.username,
    },
    template: {
      metadata: { name: object, labels: { ...serverSelector(input), ...ownershipLabels(input) } },
      spec: { rules: [rule(input)] },
    },
  };
}

export function buildIngress(input: ServerBuildInput): Plain<V1Ingress> {
  const { className, tlsSecret, annotations } = input.publishing.ingress;
  const { host } = rule(input);
  const metadata = serverMetadata(input, namesOf(input).object);
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { ...metadata, annotations: { ...metadata.annotations, ...annotations } },
    spec: {
      ...(className === undefined ? {} : { ingressClassName: className }),
      rules: [rule(input)],
      ...(tlsSecret === undefined
        ? {}
        : { tls: [{ ...(host === undefined ? {} : { hosts: [host] }), secretName: tlsSecret }] }),
    },
  };
}

export function buildHttpRoute(input: ServerBuildInput): HttpRoute {
  const { name, namespace, sectionName } = input.publishing.gateway;
  const host = hostOf(input.baseUrl);
  return {
    apiVersion: apiVersionOf(HTTP_ROUTES),
    kind: HTTP_ROUTES.kind,
    metadata: serverMetadata(input, namesOf(input).object),
    spec: {
      parentRefs: [
        {
          name: name ?? '',
          ...(namespace === undefined ? {} : { namespace }),
          ...(sectionName === undefined ? {} : { sectionName }),
        },
      ],
      ...(host === undefined ? {} : { hostnames: [host] }),
      rules: [
        {
          matches: [{ path: { type: 'PathPrefix', value: serverPath(input) } }],
          backendRefs: [{ name: namesOf(input).object, port: PORT }],
        },
      ],
    },
  };
}

function rule(input: ServerBuildInput): NonNullable<NonNullable<Plain<V1Ingress>['spec']>['rules']>[number] {
  const host = hostOf(input.baseUrl);
  const service = { name: namesOf(input).object, port: { number: PORT } };
  const path = { path: serverPath(input), pathType: 'Prefix', backend: { service } };
  return { ...(host === undefined ? {} : { host }), http: { paths: [path] } };
}

/** An address is no host: the API server refuses an Ingress for one, and a rule without a host serves all. */
function hostOf(baseUrl: string): string | undefined {
  const { hostname } = new URL(baseUrl);
  const isAddress = /^[\d.]+$/.test(hostname) || hostname.startsWith('[');
  return isAddress ? undefined : hostname;
}
