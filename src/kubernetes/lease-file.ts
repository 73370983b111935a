import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { millis } from '../common/units.js';
import type { Millis } from '../common/units.js';
import type { CallOptions, JsonPatchOperation } from './call.js';
import { LEASES, microTime, readLease } from './lease-record.js';
import type { LeaseObject, LeaseRecord } from './lease-record.js';
import { KubernetesError } from './kubernetes.error.js';
import { identityOf } from './meta.js';
import type { ObjectRef } from './resource.js';
import { KubeReader } from './reader.js';
import { compareVersions } from './versions.js';
import { KubeWriter } from './writer.js';

/** Short enough that a renewal which hangs leaves time for another within the renew deadline. */
const CALL = millis(3000);

/** Renewals come every few seconds; whoever annotates is beaten by one of them, not by many. */
const ANNOTATE_TRIES = 5;

type Annotations = Readonly<Record<string, string>>;
/** Undefined values take an annotation away. */
type Revise = (annotations: Annotations) => Readonly<Record<string, string | undefined>>;

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
  private readonly listeners = new Set<(annotations: Annotations) => void>();
  private shown:
    { readonly uid: string; readonly version: string; readonly annotations: Annotations } | undefined;

  private annotating: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly reader: KubeReader,
    private readonly writer: KubeWriter,
    readonly settings: LeaseSettings,
    private readonly clock: Clock,
  ) {}

  async read(signal?: AbortSignal): Promise<LeaseRecord | undefined> {
    const { version } = this;
    const lease = await this.reader.get(LEASES, this.settings.ref, this.call(signal));
    return lease && this.saw(lease, version);
  }

  /** As the API server last showed them to us. */
  get annotations(): Annotations {
    return this.shown?.annotations ?? {};
  }

  /** Calls back when the annotations have changed; the returned function ends it. */
  onAnnotations(listener: (annotations: Annotations) => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  /** Changes annotations, whoever holds the lease; one change at a time. @throws {KubernetesError} `absent` without a lease */
  annotate(revise: Revise, signal?: AbortSignal): Promise<Annotations> {
    const change = this.annotating.then(() => this.annotateNow(revise, signal));
    this.annotating = change.catch(() => undefined);
    return change;
  }

  private async annotateNow(revise: Revise, signal?: AbortSignal): Promise<Annotations> {
    for (let attempt = 1; ; attempt += 1) {
      // What renewals and looks have shown is new enough, unless somebody was faster.
      if (!this.shown || attempt > 1) await this.read(signal);
      try {
        await this.shownBy(() =>
          this.writer.patch(LEASES, this.settings.ref, this.revision(revise), this.call(signal)),
        );
        return this.annotations;
      } catch (error) {
        const isConflict = error instanceof KubernetesError && error.verdict === 'conflict';
        if (!isConflict || attempt === ANNOTATE_TRIES) throw error;
      }
    }
  }

  /** The leader renews all the time, and others may annotate too: only what we have seen is changed. */
  private revision(revise: Revise): readonly JsonPatchOperation[] {
    const revised = Object.entries({ ...this.annotations, ...revise(this.annotations) });
    const value = Object.fromEntries(revised.filter((one) => one[1] !== undefined));
    return [
      { op: 'test', path: '/metadata/uid', value: this.shown?.uid ?? '' },
      { op: 'test', path: '/metadata/resourceVersion', value: this.version },
      { op: 'add', path: '/metadata/annotations', value },
    ];
  }

  /** Of the lease as we know it; empty before the first look. */
  private get version(): string {
    return this.shown?.version ?? '';
  }

  private async shownBy(write: () => Promise<LeaseObject>): Promise<LeaseRecord> {
    const { version } = this;
    return this.saw(await write(), version);
  }

  /** `before`: the version that was known when it was asked for. */
  private saw(lease: LeaseObject, before: string): LeaseRecord {
    const { uid, version } = identityOf(lease);
    const known = this.shown;
    // Answers to a renewal and to a change of annotations may come in any order; older than what was known before is
    // only that of a cluster which was restored.
    const isRestored = compareVersions(version, before) < 0;
    if (known?.uid !== uid || isRestored || compareVersions(version, known.version) > 0) {
      this.shown = { uid, version, annotations: lease.metadata?.annotations ?? {} };
      this.tellUnlessSame(known?.annotations ?? {});
    }
    return readLease(lease);
  }

  private tellUnlessSame(before: Annotations): void {
    if (JSON.stringify(before) === JSON.stringify(this.annotations)) return;
    for (const listener of this.listeners) listener(this.annotations);
  }

  /**
   * Makes the lease, ours from the start, with the annotations that one before it last showed us: what they stopped is not
   * released by a deletion. Undefined when somebody was faster.
   */
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
    const lease = { metadata: { ...ref, annotations: this.annotations }, spec } as unknown as LeaseObject;
    return this.unlessConflict(() =>
      this.shownBy(() => this.writer.create(LEASES, lease, this.call(signal))),
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
    return this.unlessConflict(() =>
      this.shownBy(() => this.writer.patch(LEASES, this.settings.ref, guarded, options)),
    );
  }

  private async unlessConflict(write: () => Promise<LeaseRecord>): Promise<LeaseRecord | undefined> {
    try {
      return await write();
    } catch (error) {
      if (error instanceof KubernetesError && error.outdated) return undefined;
      throw error;
    }
  }

  private call(signal?: AbortSignal): CallOptions {
    return { priority: 'vital', reason: 'lease', signal, deadline: CALL };
  }
}
