import type { Instant } from '../common/units.js';
import type { JsonPatchOperation } from './call.js';
import { identityOf } from './meta.js';
import type { KubeObject, ResourceKind } from './resource.js';

/** A lease as it is on the wire; the SDK's type has `Date`s where JSON has strings. */
export interface LeaseObject extends KubeObject {
  readonly spec?: {
    readonly holderIdentity?: string;
    readonly leaseDurationSeconds?: number;
    readonly acquireTime?: string;
    readonly renewTime?: string;
    readonly leaseTransitions?: number;
  };
}

export const LEASES: ResourceKind<LeaseObject> = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  namespaced: true,
};

/** What one look at the lease tells. Equal `mark`s mean that nobody renewed it in between. */
export interface LeaseRecord {
  readonly holder: string;
  /** What its holder promised, in seconds; 0 when it does not say. */
  readonly durationSeconds: number;
  readonly transitions: number;
  readonly mark: string;
  /** Hold as long as nobody renewed, took or replaced the lease since. */
  readonly tests: readonly JsonPatchOperation[];
}

export function readLease(lease: LeaseObject): LeaseRecord {
  const { holderIdentity, leaseDurationSeconds = 0, leaseTransitions = 0, renewTime } = lease.spec ?? {};
  const { uid } = identityOf(lease);
  const facts = [
    ['/metadata/uid', uid],
    ['/spec/holderIdentity', holderIdentity],
    ['/spec/renewTime', renewTime],
  ] as const;
  return {
    holder: holderIdentity ?? '',
    durationSeconds: leaseDurationSeconds,
    transitions: leaseTransitions,
    // Not the resourceVersion: others may annotate the lease, and that is no sign of its holder's life.
    mark: [uid, holderIdentity, renewTime, leaseTransitions].join(' '),
    tests: facts.flatMap(([path, value]) =>
      value === undefined ? [] : [{ op: 'test', path, value } as const],
    ),
  };
}

/** `MicroTime` wants six decimals; milliseconds are what we have. */
export const microTime = (at: Instant): string => new Date(at).toISOString().replace('Z', '000Z');
