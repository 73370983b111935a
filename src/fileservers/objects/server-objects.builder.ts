import type { V1Secret } from '@kubernetes/client-node';

import type { Plain } from '../../common/plain.js';
import { SECRETS, SERVICES, VOLUME_CLAIMS, withIntent } from '../../kubernetes/index.js';
import type { KubeObject, ObjectRef, ResourceKind } from '../../kubernetes/index.js';
import { volumeClaim } from '../../volumes/index.js';
import type { Part } from '../fileserver.decision.js';
import { claimName } from '../fileserver.names.js';
import { GAFAELFAWR_INGRESSES, HTTP_ROUTES, INGRESSES, JOBS } from './kinds.mapper.js';
import { KEY_FILE, buildJob } from './server-job.builder.js';
import {
  buildGafaelfawrIngress,
  buildHttpRoute,
  buildIngress,
  buildService,
} from './server-route.builder.js';
import { namesOf, serverMetadata, serverPath } from './server-scope.builder.js';
import type { ServerBuildInput } from './server-scope.builder.js';

/** One object to create, with where it goes. */
export interface ServerObject {
  readonly kind: ResourceKind;
  readonly object: KubeObject;
  readonly ref: ObjectRef;
}

/** What kind of object a part is, by how servers are published. */
export function kindOf(part: Part, publish: ServerBuildInput['publishing']['publish']): ResourceKind {
  if (part === 'job') return JOBS;
  if (part === 'service') return SERVICES;
  return { gafaelfawr: GAFAELFAWR_INGRESSES, ingress: INGRESSES, httproute: HTTP_ROUTES }[publish];
}

/** The object of that part, as it should be (contract 5.8). */
export function buildPart(input: ServerBuildInput, part: Part): ServerObject {
  const { publish } = input.publishing;
  const routes = { gafaelfawr: buildGafaelfawrIngress, ingress: buildIngress, httproute: buildHttpRoute };
  const builders = { job: buildJob, service: buildService, route: routes[publish] };
  return placed(kindOf(part, publish), builders[part](input));
}

/** A claim for every mounted volume that needs one. */
export function buildClaims(input: ServerBuildInput): readonly ServerObject[] {
  const { files, server } = input;
  const mounted = new Set(files.volumeMounts.map(({ volumeName }) => volumeName));
  return input.volumes
    .filter(({ name }) => mounted.has(name))
    .flatMap((volume) => {
      const claim = volumeClaim(volume, serverMetadata(input, claimName(server.name, volume.name)));
      return claim ? [placed(VOLUME_CLAIMS, claim)] : [];
    });
}

/** The Secret with the server's own key, for servers that ask us whose credentials they are shown. */
export function buildKey(input: ServerBuildInput, key: string): ServerObject {
  const secret: Plain<V1Secret> = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: serverMetadata(input, namesOf(input).object),
    type: 'Opaque',
    immutable: true,
    data: { [KEY_FILE]: Buffer.from(key).toString('base64') },
  };
  return placed(SECRETS, secret);
}

/** Where people reach the server. */
export const serverUrl = (input: Pick<ServerBuildInput, 'server' | 'files' | 'baseUrl'>): string =>
  `${input.baseUrl}${serverPath(input)}`;

function placed(kind: ResourceKind, object: KubeObject): ServerObject {
  const { metadata } = object;
  const ref = { namespace: metadata?.namespace, name: metadata?.name ?? '' };
  return { kind, object: withIntent(object), ref };
}
