import { badRequest, invalidObject } from '../api-error.js';
import { invalid, notSupported } from '../field-error.js';
import { decodeBody } from '../http/body.js';
import type { ApiRequest } from '../http/request.js';
import { isTrue } from '../http/request.js';
import type { Fields } from '../objects.js';
import { fieldsOf, textOf } from '../objects.js';

export type Propagation = 'Orphan' | 'Background' | 'Foreground';

export interface DeleteOptions {
  readonly graceSeconds: number | undefined;
  readonly propagation: Propagation | undefined;
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
}

/** Reads the options of a DELETE from its body, else from its query. Throws the API's 400 and 422. */
export function readDeleteOptions(request: ApiRequest): DeleteOptions {
  const body =
    request.body.length > 0
      ? fieldsOf(decodeBody(request.body, request.contentType, 'DeleteOptions'))
      : fromQuery(request);
  if (Array.isArray(body['dryRun']))
    for (const value of body['dryRun']) request.query.append('dryRun', String(value));
  const preconditions = fieldsOf(body['preconditions']);
  const grace = body['gracePeriodSeconds'];
  return {
    // A negative grace counts as one second.
    graceSeconds: typeof grace === 'number' ? (grace < 0 ? 1 : grace) : undefined,
    propagation: propagationOf(body),
    uid: textOf(preconditions['uid']) || undefined,
    resourceVersion: textOf(preconditions['resourceVersion']) || undefined,
  };
}

function fromQuery({ query }: ApiRequest): Fields {
  const grace = query.get('gracePeriodSeconds');
  if (grace !== null && !/^-?\d+$/.test(grace)) {
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(grace)}: invalid syntax`);
  }
  const orphan = query.get('orphanDependents');
  return {
    ...(grace === null ? {} : { gracePeriodSeconds: Number(grace) }),
    ...(query.has('propagationPolicy') ? { propagationPolicy: query.get('propagationPolicy') } : {}),
    ...(orphan === null ? {} : { orphanDependents: isTrue(orphan) }),
  };
}

function propagationOf(body: Fields): Propagation | undefined {
  const policy = textOf(body['propagationPolicy']);
  const orphan = body['orphanDependents'];
  if (policy !== '' && typeof orphan === 'boolean') {
    refuse('propagationPolicy', policy, 'orphanDependents and deletionPropagation cannot be both set');
  }
  if (typeof orphan === 'boolean') return orphan ? 'Orphan' : 'Background';
  if (policy === 'Orphan' || policy === 'Background' || policy === 'Foreground') return policy;
  if (policy !== '') {
    throw invalidObject({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', [
      notSupported('propagationPolicy', policy, ['Foreground', 'Background', 'Orphan', 'nil']),
    ]);
  }
  return undefined;
}

function refuse(field: string, value: unknown, detail: string): never {
  throw invalidObject({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', [invalid(field, value, detail)]);
}
