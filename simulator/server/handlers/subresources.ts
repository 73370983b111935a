import { ApiError, conflict, notFound } from '../api-error.js';
import { decodeBody } from '../http/body.js';
import type { Reply } from '../http/request.js';
import type { Fields } from '../objects.js';
import { ensureFields, fieldsOf, recordsOf, textOf, timestamp } from '../objects.js';
import { parse } from '../store/entry.js';
import { deleteObject } from './delete.js';
import { decodeObject } from './decode.js';
import { persist, removeForGood, reply } from './persist.js';
import type { Target } from './target.js';
import { checkVersion, findEntry } from './update.js';

const SUCCESS = JSON.stringify({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Success',
  code: 201,
});

function bodyOf({ request }: Target, kind: string): Fields {
  return fieldsOf(decodeBody(request.body, request.contentType, kind));
}

/** POST pods/NAME/binding: the scheduler's word. A pod is bound once. */
export function bindPod(target: Target): Reply {
  const { resource, path, cluster } = target;
  const existing = findEntry(target);
  if (!existing) throw notFound(resource, path.name);
  const node = textOf(fieldsOf(bodyOf(target, 'Binding')['target'])['name']);
  const pod = parse(existing);
  const spec = ensureFields(pod, 'spec');
  if (pod.metadata.deletionTimestamp !== undefined) {
    throw conflict(
      { group: '', plural: 'pods/binding' },
      path.name,
      `pod ${path.name} is being deleted, cannot be assigned to a host`,
    );
  }
  if (textOf(spec['nodeName']) !== '') {
    const why = `pod ${path.name} is already assigned to node ${JSON.stringify(textOf(spec['nodeName']))}`;
    throw conflict({ group: '', plural: 'pods/binding' }, path.name, why);
  }
  spec['nodeName'] = node;
  const status = ensureFields(pod, 'status');
  const others = recordsOf(status['conditions']).filter((condition) => condition['type'] !== 'PodScheduled');
  const lastTransitionTime = timestamp(cluster.nowMs());
  const scheduled = { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime };
  status['conditions'] = [...others, scheduled];
  persist(target, pod, 201);
  return { status: 201, body: SUCCESS };
}

/** POST pods/NAME/eviction: a deletion; disruption budgets are not looked at. */
export function evictPod(target: Target): Reply {
  const options = fieldsOf(bodyOf(target, 'Eviction')['deleteOptions']);
  const request = {
    ...target.request,
    body: Buffer.from(JSON.stringify(options)),
    contentType: 'application/json',
  };
  deleteObject({ ...target, request });
  return { status: 201, body: SUCCESS };
}

/** PUT namespaces/NAME/finalize: sets spec.finalizers; a deleted namespace without any goes. */
export function finalizeNamespace(target: Target): Reply {
  const { resource, path } = target;
  const existing = findEntry(target);
  if (!existing) throw notFound(resource, path.name);
  const wished = decodeObject(resource, path, target.request);
  checkVersion(target, wished, existing);
  const namespace = parse(existing);
  const finalizers = fieldsOf(wished['spec'])['finalizers'];
  const isEmpty = !Array.isArray(finalizers) || finalizers.length === 0;
  namespace['spec'] = isEmpty ? {} : { finalizers };
  const isHeld = !isEmpty || (namespace.metadata.finalizers ?? []).length > 0;
  if (namespace.metadata.deletionTimestamp === undefined || isHeld) return persist(target, namespace, 200);
  return reply(target, removeForGood(target, namespace), 200);
}

/** What a subresource does on POST and PUT beside plain storage. */
export function specialHandler(verb: string, subresource: string): ((target: Target) => Reply) | undefined {
  if (verb === 'create' && subresource === 'binding') return bindPod;
  if (verb === 'create' && subresource === 'eviction') return evictPod;
  if (verb === 'update' && subresource === 'finalize') return finalizeNamespace;
  return undefined;
}

export function notServed(): ApiError {
  return new ApiError(404, 'NotFound', 'the server could not find the requested resource', {});
}
