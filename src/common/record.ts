import type { Addressee, LedgerEntry } from './ledger.js';
import { rfc3339, timeOf } from './units.js';
import type { Instant } from './units.js';

/*
 * What every record of ours (a Lab, a FileServer) has alike: in our words, on the wire, and between the two. Of a
 * record that an older or a missing schema let through, anything may be missing.
 */

export interface Group {
  readonly name: string;
  readonly id: number;
}

/** Who a record belongs to, as the identity provider described them when its operation was accepted. */
export interface Owner {
  readonly username: string;
  /** Display name; null if the provider knows none. */
  readonly name: string | null;
  readonly uid: number;
  readonly gid: number;
  /** All groups, the primary one included, in the provider's order; at most 1,000. */
  readonly groups: readonly Group[];
}

/** One accepted request. Its id names the progress stream's events and every object made for it. */
export interface Operation<Kind extends string> {
  /** 10 lower-case base32 characters. */
  readonly id: string;
  readonly kind: Kind;
  readonly acceptedAt: Instant;
}

/** Why something failed, what helps, and who can do it. */
export interface Failure {
  readonly reason: string;
  readonly cause: string;
  readonly remedy: string | null;
  readonly who: Addressee | null;
  readonly at: Instant;
}

/** What `kubectl wait` understands. `reason` and `message` say why the record is in that state. */
export interface Condition {
  readonly type: 'Ready' | 'Progressing' | 'Failed';
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
  /** When `status` last changed. */
  readonly lastTransitionTime: Instant;
  readonly observedGeneration: number;
}

/** The resource that a record was read from. */
export interface RecordIdentity {
  /** Object name; the key of queue and cache. */
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** Counts changes of the wish. */
  readonly generation: number;
  /** Someone deleted the resource itself: stop, then forget. */
  readonly beingDeleted: boolean;
  readonly finalizers: readonly string[];
}

export type OwnerWire = Omit<Owner, 'name'> & { readonly name?: string };

export type OperationWire<Kind extends string> = Omit<Operation<Kind>, 'acceptedAt'> & {
  readonly acceptedAt: string;
};

export type LedgerWire = Omit<LedgerEntry, 'at'> & { readonly at: string };

export type ConditionWire = Omit<Condition, 'lastTransitionTime' | 'observedGeneration'> & {
  readonly lastTransitionTime: string;
  readonly observedGeneration?: number;
};

export type FailureWire = Omit<Failure, 'remedy' | 'who' | 'at'> & {
  readonly remedy?: string;
  readonly who?: Addressee;
  readonly at: string;
};

interface MetadataWire {
  readonly name?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly deletionTimestamp?: unknown;
  readonly finalizers?: readonly string[];
}

/** Undefined for what is no object of an API server. */
export function recordIdentity(metadata: MetadataWire | undefined): RecordIdentity | undefined {
  if (!metadata?.name || !metadata.uid) return undefined;
  return {
    name: metadata.name,
    uid: metadata.uid,
    resourceVersion: metadata.resourceVersion ?? '',
    generation: metadata.generation ?? 0,
    beingDeleted: metadata.deletionTimestamp !== undefined,
    finalizers: metadata.finalizers ?? [],
  };
}

export const ownerOf = ({ username, name, uid, gid, groups }: OwnerWire): Owner => ({
  username,
  name: name ?? null,
  uid,
  gid,
  groups,
});

export const wireOwner = ({ username, name, uid, gid, groups }: Owner): OwnerWire => ({
  username,
  ...(name === null ? {} : { name }),
  uid,
  gid,
  groups: groups.map((group) => ({ name: group.name, id: group.id })),
});

export const operationOf = <Kind extends string>(wire: OperationWire<Kind>): Operation<Kind> => ({
  ...wire,
  acceptedAt: timeOf(wire.acceptedAt),
});

export const wireOperation = <Kind extends string>(operation: Operation<Kind>): OperationWire<Kind> => ({
  ...operation,
  acceptedAt: rfc3339(operation.acceptedAt),
});

export const entryOf = (wire: LedgerWire): LedgerEntry => ({ ...wire, at: timeOf(wire.at) });

export const wireEntry = (told: LedgerEntry): LedgerWire => ({ ...told, at: rfc3339(told.at) });

export const conditionOf = (wire: ConditionWire): Condition => ({
  ...wire,
  lastTransitionTime: timeOf(wire.lastTransitionTime),
  observedGeneration: wire.observedGeneration ?? 0,
});

export const wireCondition = (condition: Condition): ConditionWire => ({
  ...condition,
  lastTransitionTime: rfc3339(condition.lastTransitionTime),
});

export const failureOf = ({ reason, cause, remedy, who, at }: FailureWire): Failure => ({
  reason,
  cause,
  remedy: remedy ?? null,
  who: who ?? null,
  at: timeOf(at),
});

export const wireFailure = ({ reason, cause, remedy, who, at }: Failure): FailureWire => ({
  reason,
  cause,
  ...(remedy === null ? {} : { remedy }),
  ...(who === null ? {} : { who }),
  at: rfc3339(at),
});

/** The condition as it is to be written, with the time at which its status last changed. */
export function conditionAfter(
  known: readonly Condition[],
  next: Omit<Condition, 'lastTransitionTime'>,
  now: Instant,
): Condition {
  const before = known.find(({ type }) => type === next.type);
  return { ...next, lastTransitionTime: before?.status === next.status ? before.lastTransitionTime : now };
}
