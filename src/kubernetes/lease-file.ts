import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { millis } from '../common/units.js';
import type { Millis } from '../common/units.js';
import type { CallOptions, JsonPatchOperation } from './call.js';
import { LEASES, microTime, readLease } from './lease-record.js';
import type { LeaseObject, LeaseRecord } from './lease-record.js';
import { KubernetesError } from './kubernetes.error.js';
import type { ObjectRef } from './resource.js';
import { KubeReader } from './reader.js';
import { KubeWriter } from './writer.js';

/** Short enough that a renewal which hangs leaves time for another within the renew deadline. */
const CALL = millis(3000);

/** Which lease, and how long it lasts; every default filled in. */
export interface LeaseSettings {
  readonly ref: ObjectRef;
  readonly identity: string;
  readonly duration: Millis;
  readonly renewDeadline: Millis;
  readonly renewEvery: Millis;
  readonly lookEvery: Millis;
}

/** The lease object itself: reading it, and changing it only if nobody else did. */
@Injectable()
export class LeaseFile {
  constructor(
    private readonly reader: KubeReader,
    private readonly writer: KubeWriter,
    readonly settings: LeaseSettings,
    private readonly clock: Clock,
  ) {}

  async read(signal: AbortSignal): Promise<LeaseRecord | undefined> {
    const lease = await this.reader.get(LEASES, this.settings.ref, this.call(signal));
    return lease && readLease(lease);
  }

  /** Makes the lease, ours from the start. Undefined when somebody was faster. */
  create(signal: AbortSignal): Promise<LeaseRecord | undefined> {
    const { ref, identity, duration } = this.settings;
    const now = microTime(this.clock.now());
    const spec = {
      holderIdentity: identity,
      leaseDurationSeconds: duration / 1000,
      acquireTime: now,
      renewTime: now,
      leaseTransitions: 0,
    };
    return this.unlessConflict(async () =>
      readLease(
        await this.writer.create(
          LEASES,
          { metadata: ref, spec } as unknown as LeaseObject,
          this.call(signal),
        ),
      ),
    );
  }

  /** Takes a lease that nobody holds any more. Undefined when it changed meanwhile. */
  take(seen: LeaseRecord, signal: AbortSignal): Promise<LeaseRecord | undefined> {
    const now = microTime(this.clock.now());
    return this.patch(seen, signal, [
      { op: 'add', path: '/spec/holderIdentity', value: this.settings.identity },
      { op: 'add', path: '/spec/leaseDurationSeconds', value: this.settings.duration / 1000 },
      { op: 'add', path: '/spec/acquireTime', value: now },
      { op: 'add', path: '/spec/renewTime', value: now },
      { op: 'add', path: '/spec/leaseTransitions', value: seen.transitions + 1 },
    ]);
  }

  /** Says that we live. Undefined when the lease is no longer what we last saw. */
  renew(seen: LeaseRecord, signal: AbortSignal): Promise<LeaseRecord | undefined> {
    return this.patch(seen, signal, [
      { op: 'add', path: '/spec/renewTime', value: microTime(this.clock.now()) },
    ]);
  }

  /** Lets the next one lead at once. */
  release(seen: LeaseRecord, signal: AbortSignal): Promise<LeaseRecord | undefined> {
    return this.patch(seen, signal, [
      { op: 'add', path: '/spec/holderIdentity', value: '' },
      { op: 'add', path: '/spec/leaseDurationSeconds', value: 1 },
    ]);
  }

  private patch(
    seen: LeaseRecord,
    signal: AbortSignal,
    operations: readonly JsonPatchOperation[],
  ): Promise<LeaseRecord | undefined> {
    const options = this.call(signal);
    const guarded = [...seen.tests, ...operations];
    return this.unlessConflict(async () =>
      readLease(await this.writer.patch(LEASES, this.settings.ref, guarded, options)),
    );
  }

  private async unlessConflict(write: () => Promise<LeaseRecord>): Promise<LeaseRecord | undefined> {
    try {
      return await write();
    } catch (error) {
      const isConflict = error instanceof KubernetesError && ['conflict', 'absent'].includes(error.verdict);
      if (isConflict) return undefined;
      throw error;
    }
  }

  private call(signal: AbortSignal): CallOptions {
    return { priority: 'interactive', reason: 'lease', signal, deadline: CALL };
  }
}
