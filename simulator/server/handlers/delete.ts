import { refuseImmortal } from '../admission/namespace-lifecycle.js';
import { conflict, notFound } from '../api-error.js';
import { CLEANUP } from '../crd/crd-strategy.js';
import type { Reply } from '../http/request.js';
import { isDryRun } from '../http/request.js';
import { listText, metaOf } from '../http/encode.js';
import { fieldsOf, textsOf, timestamp } from '../objects.js';
import type { KubeObject } from '../objects.js';
import type { Entry } from '../store/entry.js';
import { parse } from '../store/entry.js';
import type { DeleteOptions } from './delete-options.js';
import { readDeleteOptions } from './delete-options.js';
import { removeForGood, reply, unstored } from './persist.js';
import { selectEntries } from './select.js';
import type { Target } from './target.js';
import { findEntry } from './update.js';

const POD_GRACE_S = 30;
const ORPHAN = 'orphan';
const FOREGROUND = 'foregroundDeletion';
const JOB_WARNING =
  'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning';

interface Outcome {
  readonly entry: Entry;
  readonly gone: boolean;
}

/** DELETE of one object: at once, after its grace, or after its finalizers. */
export function deleteObject(target: Target): Reply {
  const { resource, path, request } = target;
  const options = readDeleteOptions(request);
  const existing = findEntry(target);
  if (!existing) throw notFound(resource, path.name);
  if (resource.strategy.orphansByDefault && options.propagation === undefined)
    request.warnings.push(JOB_WARNING);
  const { entry, gone } = deleteEntry(target, existing, options);
  if (!gone || resource.strategy.returnsDeleted) return reply(target, entry, 200);
  return { status: 200, body: success(target, entry) };
}

/** DELETE of a collection: what the selectors choose, each as if deleted alone. Answers them as they were. */
export function deleteCollection(target: Target): Reply {
  const { resource, cluster } = target;
  const options = readDeleteOptions(target.request);
  const chosen = selectEntries(target);
  for (const entry of chosen) deleteEntry(target, entry, options);
  return { status: 200, body: listText(resource, chosen, metaOf(cluster.store.currentRevision), 'full') };
}

function deleteEntry(target: Target, existing: Entry, options: DeleteOptions): Outcome {
  checkPreconditions(target, existing, options);
  const object = parse(existing);
  if (object.kind === 'Namespace') return deleteNamespace(target, object, existing);
  if (object.kind === 'CustomResourceDefinition') return deleteCrd(target, object, existing);
  const finalizers = finalizersFor(target, object, options);
  const grace = graceOf(object, options);
  if (finalizers.length > 0 || grace > 0) return deleteLater(target, object, { existing, finalizers, grace });
  // Pods alone show how they go: one more version carries the time and a grace of 0.
  if (object.kind === 'Pod') {
    markDeleted(target, object, 0);
    store(target, object);
  }
  return { entry: removeForGood(target, object), gone: true };
}

interface Delay {
  readonly existing: Entry;
  readonly finalizers: string[];
  readonly grace: number;
}

function deleteLater(target: Target, object: KubeObject, { existing, finalizers, grace }: Delay): Outcome {
  const { metadata } = object;
  const isKnown = hasGrace(object, grace);
  if (isKnown && finalizers.length === (metadata.finalizers ?? []).length)
    return { entry: existing, gone: false };
  if (finalizers.length > 0) metadata.finalizers = finalizers;
  else delete metadata.finalizers;
  if (!isKnown) markDeleted(target, object, grace);
  return { entry: store(target, object), gone: false };
}

/** Whether the object is already going, and no later than asked now. */
function hasGrace({ metadata }: KubeObject, grace: number): boolean {
  const before = metadata.deletionGracePeriodSeconds;
  return metadata.deletionTimestamp !== undefined && before !== undefined && before <= grace;
}

function markDeleted({ cluster, resource }: Target, object: KubeObject, grace: number): void {
  const { metadata } = object;
  const requestedMs = metadata.deletionTimestamp
    ? Date.parse(metadata.deletionTimestamp) - (metadata.deletionGracePeriodSeconds ?? 0) * 1000
    : cluster.nowMs();
  const isFirst = metadata.deletionTimestamp === undefined;
  metadata.deletionTimestamp = timestamp(requestedMs + grace * 1000);
  metadata.deletionGracePeriodSeconds = grace;
  if (isFirst && resource.strategy.generation) metadata.generation = (metadata.generation ?? 1) + 1;
}

/** A definition stays until its objects are gone, which a finalizer of its own assures. */
function deleteCrd(target: Target, object: KubeObject, existing: Entry): Outcome {
  const { metadata } = object;
  if (metadata.deletionTimestamp !== undefined) return { entry: existing, gone: false };
  metadata.deletionTimestamp = timestamp(target.cluster.nowMs());
  metadata.finalizers = [...new Set([...(metadata.finalizers ?? []), CLEANUP])];
  return { entry: store(target, object), gone: false };
}

/** A namespace only changes its phase here; emptying it is a controller's work, `finalize` its end. */
function deleteNamespace(target: Target, object: KubeObject, existing: Entry): Outcome {
  refuseImmortal(object.metadata.name);
  const { metadata } = object;
  const held = [...(metadata.finalizers ?? []), ...textsOf(fieldsOf(object['spec'])['finalizers'])];
  if (metadata.deletionTimestamp !== undefined) {
    if (held.length > 0) return { entry: existing, gone: false };
    return { entry: removeForGood(target, object), gone: true };
  }
  if (held.length === 0) return { entry: removeForGood(target, object), gone: true };
  metadata.deletionTimestamp = timestamp(target.cluster.nowMs());
  object['status'] = { ...fieldsOf(object['status']), phase: 'Terminating' };
  return { entry: store(target, object), gone: false };
}

function store(target: Target, object: KubeObject): Entry {
  const { cluster, resource, request } = target;
  if (isDryRun(request)) return unstored(object);
  return cluster.store.put(resource.storage, object, resource.strategy.index);
}

function finalizersFor({ resource }: Target, { metadata }: KubeObject, options: DeleteOptions): string[] {
  const kept = (metadata.finalizers ?? []).filter((name) => name !== ORPHAN && name !== FOREGROUND);
  const propagation = options.propagation ?? (resource.strategy.orphansByDefault ? 'Orphan' : undefined);
  if (propagation === 'Orphan') return [...kept, ORPHAN];
  if (propagation === 'Foreground') return [...kept, FOREGROUND];
  return propagation === undefined ? (metadata.finalizers ?? []) : kept;
}

/** Only a pod on a node that has not ended has a grace; everything else goes at once. */
function graceOf(object: KubeObject, options: DeleteOptions): number {
  if (object.kind !== 'Pod') return 0;
  const spec = fieldsOf(object['spec']);
  const phase = fieldsOf(object['status'])['phase'];
  if (!spec['nodeName'] || phase === 'Succeeded' || phase === 'Failed') return 0;
  const own = spec['terminationGracePeriodSeconds'];
  return options.graceSeconds ?? (typeof own === 'number' ? own : POD_GRACE_S);
}

function checkPreconditions(
  { resource }: Target,
  existing: Entry,
  { uid, resourceVersion }: DeleteOptions,
): void {
  const named = { group: resource.group, plural: resource.kind };
  if (uid !== undefined && uid !== existing.uid) {
    const why = mismatch('UID', uid, existing.uid);
    throw conflict(named, existing.name, `${why}. The object might have been deleted and then recreated`);
  }
  if (resourceVersion !== undefined && resourceVersion !== String(existing.revision)) {
    const why = mismatch('ResourceVersion', resourceVersion, String(existing.revision));
    throw conflict(named, existing.name, `${why}. The object might have been modified`);
  }
}

function mismatch(what: string, wanted: string, actual: string): string {
  return `the ${what} in the precondition (${wanted}) does not match the ${what} in record (${actual})`;
}

function success({ resource, path }: Target, entry: Entry): string {
  return JSON.stringify({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: {
      name: path.name,
      ...(resource.group === '' ? {} : { group: resource.group }),
      kind: resource.plural,
      uid: entry.uid,
    },
  });
}
