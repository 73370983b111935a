import { expired, notFound } from '../api-error.js';
import type { ListMeta } from '../http/encode.js';
import { listText, tableText } from '../http/encode.js';
import { negotiateShape } from '../http/negotiate.js';
import type { Reply } from '../http/request.js';
import type { Entry } from '../store/entry.js';
import type { Continuation } from './list-options.js';
import {
  checkVersionOptions,
  continueExpired,
  continueOf,
  continueToken,
  limitOf,
  PRESENT,
  versionOf,
} from './list-options.js';
import { reply } from './persist.js';
import { selectorOf } from './select.js';
import type { Target } from './target.js';
import { findEntry } from './update.js';

export function getObject(target: Target): Reply {
  const { resource, path, cluster, request } = target;
  checkVersionOptions(request, versionOf(request), cluster.store.currentRevision);
  const entry = findEntry(target);
  if (!entry) throw notFound(resource, path.name);
  return reply(target, entry, 200);
}

interface Page {
  readonly entries: readonly Entry[];
  readonly meta: ListMeta;
}

export function listObjects(target: Target): Reply {
  const { resource, request, cluster } = target;
  const shape = negotiateShape(request.accept);
  const { entries, meta } = pageOf(target);
  if (shape !== 'table') return { status: 200, body: listText(resource, entries, meta, shape) };
  const includeObject = request.query.get('includeObject') ?? 'Metadata';
  const options = { includeObject, nowMs: cluster.nowMs(), withColumns: true };
  return { status: 200, body: tableText(resource, entries, meta, options) };
}

function pageOf(target: Target): Page {
  const { request, cluster } = target;
  const continuation = continueOf(request);
  const version = versionOf(request);
  checkVersionOptions(request, version, cluster.store.currentRevision);
  const revision = revisionOf(target, continuation, version);
  const all = continuation ? resumed(target, revision, continuation) : snapshotAt(target, revision);
  const test = selectorOf(target);
  const rest = all.filter(
    (entry) => (!continuation || keyOf(entry) > continuation.after) && (test?.(entry) ?? true),
  );
  const limit = limitOf(request);
  if (limit === 0 || rest.length <= limit)
    return { entries: rest, meta: { resourceVersion: String(revision) } };
  const entries = rest.slice(0, limit);
  cluster.store.snapshots.keep(snapshotKey(target, revision), all);
  const last = entries.at(-1);
  return {
    entries,
    meta: {
      resourceVersion: String(revision),
      continue: continueToken({ revision, after: last ? keyOf(last) : '' }),
      ...(test ? {} : { remainingItemCount: rest.length - limit }),
    },
  };
}

function revisionOf(
  target: Target,
  continuation: Continuation | undefined,
  version: number | undefined,
): number {
  if (!continuation) return startRevision(target, version);
  return continuation.revision === PRESENT ? target.cluster.store.currentRevision : continuation.revision;
}

/** Only `Exact` looks back; all other lists show the present. */
function startRevision({ request, cluster }: Target, version: number | undefined): number {
  const isExact = request.query.get('resourceVersionMatch') === 'Exact';
  return isExact && version !== undefined ? version : cluster.store.currentRevision;
}

function resumed(target: Target, revision: number, continuation: Continuation): readonly Entry[] {
  const { cluster } = target;
  if (revision === cluster.store.currentRevision) return snapshotAt(target, revision);
  const kept = cluster.store.snapshots.find(snapshotKey(target, revision));
  if (!kept) throw continueExpired(continuation);
  return kept;
}

/** The present, or an earlier state made by undoing what history remembers. */
function snapshotAt({ cluster, resource, path }: Target, revision: number): readonly Entry[] {
  const now = cluster.store.table(resource.storage).list(path.namespace);
  if (revision === cluster.store.currentRevision) return now;
  const history = cluster.store.history(resource.storage);
  if (revision < history.oldestRevision) {
    throw expired(`The resourceVersion for the provided list is too old.`);
  }
  const state = new Map(now.map((entry) => [keyOf(entry), entry]));
  for (const { entry, previous } of history.since(revision).reverse()) {
    if (path.namespace !== '' && entry.namespace !== path.namespace) continue;
    if (previous) state.set(keyOf(previous), previous);
    else state.delete(keyOf(entry));
  }
  return [...state.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

function snapshotKey({ resource, path }: Target, revision: number): string {
  return `${resource.storage}|${path.namespace}|${revision}`;
}

/** Ordered like etcd's keys; the separator sorts before every character of a name. */
function keyOf(entry: Entry): string {
  return `${entry.namespace}\u0000${entry.name}`;
}
