import { ApiError, notFound } from './api-error.js';
import type { Cluster } from './cluster.js';
import { discoveryDocument } from './discovery/discovery.js';
import {
  openapiV2Document,
  openapiV2Protobuf,
  openapiV3Document,
  openapiV3Index,
} from './discovery/openapi.js';
import { createObject } from './handlers/create.js';
import { deleteCollection, deleteObject } from './handlers/delete.js';
import { patchObject } from './handlers/patch.js';
import { getObject, listObjects } from './handlers/read.js';
import { answerReview } from './handlers/reviews.js';
import { notServed, specialHandler } from './handlers/subresources.js';
import type { Target } from './handlers/target.js';
import { checkWriteOptions } from './handlers/write-options.js';
import { replaceObject } from './handlers/update.js';
import { wantsAggregated } from './http/negotiate.js';
import type { ApiRequest, Reply, ResourcePath } from './http/request.js';
import { verbOf } from './http/request.js';
import type { Resource } from './resources/resource.js';

const VERSION = {
  major: '1',
  minor: '35',
  emulationMajor: '1',
  emulationMinor: '35',
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '34',
  gitVersion: 'v1.35.1',
  gitCommit: 'embedded',
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: 'none',
  compiler: 'none',
  platform: 'linux/amd64',
};

const HANDLERS: Readonly<Record<string, (target: Target) => Reply>> = {
  get: getObject,
  list: listObjects,
  create: createObject,
  update: replaceObject,
  patch: patchObject,
  delete: deleteObject,
  deletecollection: deleteCollection,
};

const OPENAPI_PROTOBUF = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';
const PLAIN_TEXT = 'text/plain; charset=utf-8';

/** Everything that is not a resource: health, version, discovery, OpenAPI, reviews. Undefined when it is none. */
export function answerGeneral(cluster: Cluster, request: ApiRequest): Reply | undefined {
  const { path } = request;
  if (['/healthz', '/livez', '/readyz'].includes(path))
    return { status: 200, body: 'ok', contentType: PLAIN_TEXT };
  if (path === '/version' || path === '/version/') return { status: 200, body: JSON.stringify(VERSION) };
  return answerReview(cluster, request) ?? answerDocument(cluster, request);
}

function answerDocument({ registry }: Cluster, { path, accept }: ApiRequest): Reply | undefined {
  if (path === '/openapi/v2') {
    if (accept.includes('protobuf'))
      return { status: 200, body: openapiV2Protobuf(), contentType: OPENAPI_PROTOBUF };
    return { status: 200, body: JSON.stringify(openapiV2Document(registry)) };
  }
  if (path === '/openapi/v3') return { status: 200, body: JSON.stringify(openapiV3Index(registry)) };
  if (path.startsWith('/openapi/v3/')) {
    const document = openapiV3Document(registry, path.slice('/openapi/v3/'.length));
    return document && { status: 200, body: JSON.stringify(document) };
  }
  const aggregated = wantsAggregated(accept);
  const document = discoveryDocument(registry, path, aggregated);
  if (!document) return undefined;
  const isAggregated = document['kind'] === 'APIGroupDiscoveryList';
  const contentType = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  return { status: 200, body: JSON.stringify(document), ...(isAggregated ? { contentType } : {}) };
}

/** The resource and verb of a request. Throws the API's 404 and 405. */
export function resolveTarget(
  cluster: Cluster,
  path: ResourcePath,
  request: ApiRequest,
): { target: Target; verb: string } {
  const resource = cluster.registry.find(path.group, path.version, path.plural);
  if (!resource) throw unknownResource(cluster, path);
  const verb = verbOf(request.method, path, request.query);
  if (resource.namespaced !== (path.namespace !== '') && !isAcrossNamespaces(verb, path)) throw notServed();
  if (!verbsAt(resource, path).includes(verb) || !fitsPath(verb, path)) {
    throw new ApiError(
      405,
      'MethodNotAllowed',
      'the server does not allow this method on the requested resource',
      {},
    );
  }
  return { target: { cluster, resource, path, request }, verb };
}

function verbsAt(resource: Resource, path: ResourcePath): readonly string[] {
  if (path.subresource === '') return resource.verbs;
  const subresource = resource.subresources.find((one) => one.name === path.subresource);
  // What a definition does not have looks like an absent object.
  if (!subresource) throw resource.builtin ? notServed() : notFound(resource, path.name);
  return subresource.verbs;
}

/** New objects are posted to the collection, changes sent to the object. */
function fitsPath(verb: string, path: ResourcePath): boolean {
  if (verb === 'create') return path.name === '' || path.subresource !== '';
  return path.name !== '' || (verb !== 'update' && verb !== 'patch');
}

/** Groups served by CRDs answer in plain text, built-in ones with a Status. */
function unknownResource({ registry }: Cluster, path: ResourcePath): ApiError | PageNotFound {
  const resources = registry
    .versions(path.group)
    .flatMap((version) => registry.inVersion(path.group, version));
  return resources.some((resource) => resource.builtin) ? notServed() : new PageNotFound();
}

/** Go's own 404, in plain text. */
export class PageNotFound extends Error {}

function isAcrossNamespaces(verb: string, path: ResourcePath): boolean {
  return path.namespace === '' && path.name === '' && (verb === 'list' || verb === 'watch');
}

export function answer(target: Target, verb: string): Reply {
  checkWriteOptions(target.request, verb);
  const handler = specialHandler(verb, target.path.subresource) ?? HANDLERS[verb];
  if (!handler) throw notServed();
  return handler(target);
}
