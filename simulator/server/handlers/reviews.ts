import { randomUUID } from 'node:crypto';

import { ApiError, invalidObject } from '../api-error.js';
import type { Cluster } from '../cluster.js';
import { invalid } from '../field-error.js';
import { decodeBody } from '../http/body.js';
import type { ApiRequest, Reply } from '../http/request.js';
import type { Fields } from '../objects.js';
import { fieldsOf, textOf } from '../objects.js';
import type { AccessAttributes } from '../cluster.js';

const AUTHORIZATION = '/apis/authorization.k8s.io/v1/';
const AUTHENTICATION = '/apis/authentication.k8s.io/v1/';
const RULES = 'selfsubjectrulesreviews';
const EVERYTHING = [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }];

/**
 * Answers access and identity reviews: everybody is admin, except where `deny` says no. Which rights that leaves cannot be
 * enumerated, as with a webhook that authorises on a real cluster.
 */
export function answerReview(cluster: Cluster, request: ApiRequest): Reply | undefined {
  if (request.method !== 'POST') return undefined;
  const resource = reviewOf(request.path);
  if (resource === undefined) return undefined;
  const review = fieldsOf(decodeBody(request.body, request.contentType, resource));
  const spec = fieldsOf(review['spec']);
  const status = statusOf(cluster, resource, spec);
  if (status === undefined) return undefined;
  // The server does not repeat for which namespace it was asked for rules.
  const said = resource === RULES ? {} : spec;
  const body = { ...review, metadata: { ...fieldsOf(review['metadata']) }, spec: said, status };
  return { status: 201, body: JSON.stringify(body) };
}

function reviewOf(path: string): string | undefined {
  for (const prefix of [AUTHORIZATION, AUTHENTICATION]) {
    if (path.startsWith(prefix)) return path.split('/').at(-1);
  }
  return undefined;
}

function statusOf(cluster: Cluster, resource: string, spec: Fields): Fields | undefined {
  switch (resource) {
    case 'selfsubjectaccessreviews':
    case 'subjectaccessreviews':
    case 'localsubjectaccessreviews':
      refuseEmpty(spec);
      return accessStatus(cluster, fieldsOf(spec['resourceAttributes']));
    case RULES:
      return rulesStatus(cluster, textOf(spec['namespace']));
    case 'selfsubjectreviews':
      return { userInfo: { username: 'admin', groups: ['system:masters', 'system:authenticated'] } };
    case 'tokenreviews':
      return { authenticated: true, user: { username: 'admin', uid: randomUUID() } };
    default:
      return undefined;
  }
}

function rulesStatus({ options }: Cluster, namespace: string): Fields {
  if (namespace === '') throw new ApiError(400, 'BadRequest', 'no namespace on request');
  const nonResourceRules = [{ verbs: ['*'], nonResourceURLs: ['*'] }];
  if (options.deny) return { resourceRules: [], nonResourceRules, incomplete: true };
  return { resourceRules: EVERYTHING, nonResourceRules, incomplete: false };
}

function refuseEmpty(spec: Fields): void {
  if (spec['resourceAttributes'] !== undefined || spec['nonResourceAttributes'] !== undefined) return;
  const why = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
  throw invalidObject({ group: 'authorization.k8s.io', kind: '' }, '', [
    invalid('spec.resourceAttributes', undefined, why),
  ]);
}

function accessStatus(cluster: Cluster, attributes: Fields): Fields {
  const text = (key: keyof AccessAttributes): string => textOf(attributes[key]);
  const reason = cluster.options.deny?.({
    verb: text('verb'),
    group: text('group'),
    resource: text('resource'),
    subresource: text('subresource'),
    namespace: text('namespace'),
    name: text('name'),
  });
  return reason === undefined ? { allowed: true } : { allowed: false, reason };
}
