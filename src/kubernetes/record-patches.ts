import type { RecordIdentity } from '../common/record.js';
import { rfc3339 } from '../common/units.js';
import type { Instant } from '../common/units.js';
import type { JsonPatchOperation } from './call.js';

/*
 * JSON patches of our records (a Lab, a FileServer), each of which proves that it changes what was read.
 */

interface Wished extends RecordIdentity {
  readonly wish: { readonly operation: { readonly id: string } };
  readonly record: { readonly ledger: readonly unknown[] };
}

/** The first status of an operation: replaces the one before, if the record is still the version that was read. */
export const openedStatus = (record: Wished, status: object): readonly JsonPatchOperation[] => [
  { op: 'test', path: '/metadata/uid', value: record.uid },
  { op: 'test', path: '/metadata/resourceVersion', value: record.resourceVersion },
  { op: 'add', path: '/status', value: status },
];

/** A later status of it: appends `entries` to the ledger, if nobody appended since `known`, and sets what changes. */
export const appendedStatus = (
  record: Wished,
  known: { readonly id: string; readonly last: number },
  { entries, changes }: { readonly entries: readonly object[]; readonly changes: object },
): readonly JsonPatchOperation[] => [
  { op: 'test', path: '/metadata/uid', value: record.uid },
  { op: 'test', path: '/status/operation/id', value: known.id },
  { op: 'test', path: '/status/operation/last', value: known.last },
  ...ledgerOperations(record, entries),
  ...Object.entries(changes).map(
    ([name, value]) => ({ op: 'add', path: `/status/${name}`, value: value as unknown }) as const,
  ),
];

function ledgerOperations({ record }: Wished, entries: readonly object[]): readonly JsonPatchOperation[] {
  if (entries.length === 0) return [];
  if (record.ledger.length === 0) return [{ op: 'add', path: '/status/ledger', value: entries }];
  return entries.map((value) => ({ op: 'add', path: '/status/ledger/-', value }));
}

/** Holds while the wish is still the one that was read. */
export const isWish = ({ uid, wish }: Wished): readonly JsonPatchOperation[] => [
  { op: 'test', path: '/metadata/uid', value: uid },
  { op: 'test', path: '/spec/operation/id', value: wish.operation.id },
];

/** A new operation that stops what the record wishes for. */
export const stopPatch = (
  record: Wished,
  operation: { readonly id: string; readonly at: Instant },
): readonly JsonPatchOperation[] => [
  ...isWish(record),
  { op: 'replace', path: '/spec/desiredState', value: 'stopped' },
  {
    op: 'replace',
    path: '/spec/operation',
    value: { id: operation.id, kind: 'stop', acceptedAt: rfc3339(operation.at) },
  },
];

/** Takes one finalizer away, so that a resource that somebody deleted can go. */
export const unfinalizedPatch = (
  { uid, finalizers }: Pick<RecordIdentity, 'uid' | 'finalizers'>,
  ours: string,
): readonly JsonPatchOperation[] => [
  { op: 'test', path: '/metadata/uid', value: uid },
  { op: 'test', path: '/metadata/finalizers', value: finalizers },
  {
    op: 'replace',
    path: '/metadata/finalizers',
    value: finalizers.filter((finalizer) => finalizer !== ours),
  },
];
