import { Injectable } from '@nestjs/common';

import { Clock } from '../common/clock.js';
import { instant, later, seconds } from '../common/units.js';
import type { Instant } from '../common/units.js';
import type { Lab } from './lab.js';
import type { Telling } from './lab.ledger.js';
import type { NetworkKind, ObservedPod, Remembered } from './lab.observed.js';
import { PullTimes, Setbacks, disruptionOf } from './causes/index.js';
import type { ReasonCode } from './causes/index.js';
import { currentProgress } from './lab.phase.js';
import type { LabObject } from './objects/index.js';

/** A deletion that does not show after this long is asked for again. */
const DELETION_SHOWS = seconds(30);
/** More details than a ledger holds need not be remembered. */
const MOST_DETAILS = 128;
/** Quotas are raised, and what counts against them goes; Secrets are replaced by deleting them first. */
const MAY_PASS: ReadonlySet<string> = new Set<ReasonCode>(['quota_exceeded', 'missing_secret']);
const REFUSAL_PATIENCE = seconds(20);
const REFUSAL_PAUSE = seconds(5);
/** Kubernetes Events of one operation, besides the one at its end. */
const MOST_CAUSES = 3;

/**
 * What the leader remembers of one operation so as not to do things twice. All of it may be lost at any time:
 * what was created is created blindly again, what was told is in the ledger.
 */
export class OperationMemory {
  /** Built once an operation; undefined until then. */
  objects: readonly LabObject[] | undefined;
  /** How many of the objects exist. */
  readonly made = new Set<LabObject>();
  refusal: Telling | undefined;
  sawGoing = false;
  private goingBecause: Telling | undefined;
  /** The API server's words, while it refuses to store how the operation goes. */
  unrecorded: string | undefined;
  private failedRecords = 0;
  announced = 0;
  /** Somebody else's collection was cleared away for these kinds already. */
  readonly cleared = new Set<string>();
  private readonly details: Telling[] = [];
  private readonly setbacks = new Setbacks();
  private readonly restored = new Map<NetworkKind, Instant>();
  private readonly taken = new Map<NetworkKind, Instant>();
  private refusedSince: Instant | undefined;
  private retryAt = instant(0);
  private readonly deletions = new Map<string, Instant>();
  private writes: number;
  private lastAt: Instant | undefined;

  constructor(
    readonly operation: string,
    lab: Lab,
    private readonly since: Instant,
  ) {
    // Each write of an earlier leader told something: never more writes than entries.
    const told = currentProgress(lab) ? lab.record.ledger : [];
    this.writes = told.length;
    this.lastAt = told.at(-1)?.at;
  }

  /** All objects exist, the pod among them. */
  get allCreated(): boolean {
    return this.objects?.every((object) => this.made.has(object)) ?? false;
  }

  remember(details: readonly Telling[]): void {
    for (const detail of details) {
      const isKnown = this.details.some(
        ({ message, podUid }) => message === detail.message && podUid === detail.podUid,
      );
      if (!isKnown && this.details.length < MOST_DETAILS) this.details.push(detail);
    }
  }

  /** An object is refused. What somebody may be lifting just now is tried for a while; the rest is an end. */
  refuse(telling: Telling, now: Instant): void {
    this.refusedSince ??= now;
    if (!MAY_PASS.has(telling.reason) || now >= later(this.refusedSince, REFUSAL_PATIENCE)) {
      this.refusal = telling;
      return;
    }
    this.remember([{ ...telling, severity: 'warning' }]);
    this.retryAt = later(now, REFUSAL_PAUSE);
  }

  /** What of the pod can only be seen by looking twice. */
  see(pod: ObservedPod, now: Instant): void {
    if (pod.deletingUntil !== undefined) this.goingBecause ??= disruptionOf(pod);
    this.setbacks.see(pod, now);
  }

  /** A kubelet said that it gives up getting a container's image for now. */
  backOff(podUid: string, container: string): void {
    this.setbacks.backOff(podUid, container);
  }

  deleting(uid: string, now: Instant): void {
    this.deletions.set(uid, now);
    this.writes += 1;
  }

  restoring(kind: NetworkKind, notBefore: Instant): void {
    this.restored.set(kind, notBefore);
  }

  /** Something has its name: a stranger's, or ours by a write whose answer was lost. */
  inTheWay(kind: NetworkKind, notBefore: Instant): void {
    this.taken.set(kind, notBefore);
  }

  /** One of ours was there and is deleted: what seemed to be in its way may have been ours. */
  lost(): void {
    this.taken.clear();
  }

  /** A status write was made; those for *objects created* and for the end are not counted. */
  wrote(now: Instant, counted: boolean): void {
    this.lastAt = now;
    if (counted) this.writes += 1;
  }

  recorded(): void {
    this.failedRecords = 0;
    this.unrecorded = undefined;
  }

  /** A status write failed; true if that makes the operation one of which nothing is stored. */
  notRecorded(words: string, patience: number): boolean {
    this.failedRecords += 1;
    if (this.unrecorded !== undefined || this.failedRecords < patience) return false;
    this.unrecorded = words;
    return true;
  }

  /** The namespace went away under the objects. */
  forgetObjects(): void {
    this.made.clear();
  }

  mayAnnounceCause(): boolean {
    this.announced += 1;
    return this.announced <= MOST_CAUSES;
  }

  recall(now: Instant): Remembered {
    const shown = (asked: Instant): boolean => now < later(asked, DELETION_SHOWS);
    const deletions = Array.from(this.deletions).filter(([, asked]) => shown(asked));
    return {
      allCreated: this.allCreated,
      refusal: this.refusal,
      deletions: new Set(deletions.map(([uid]) => uid)),
      details: this.details,
      restored: new Map([...this.restored, ...this.taken]),
      pace: { writes: this.writes, lastAt: this.lastAt },
      sawGoing: this.sawGoing,
      goingBecause: this.goingBecause,
      setbacks: this.setbacks.all,
      retryAt: this.retryAt,
      since: this.since,
    };
  }
}

/** One memory for each lab, of its current operation. */
@Injectable()
export class LabsMemory {
  readonly pulls = new PullTimes();
  private readonly memories = new Map<string, OperationMemory>();

  constructor(private readonly clock: Clock) {}

  of(lab: Lab): OperationMemory {
    const known = this.memories.get(lab.name);
    if (known?.operation === lab.wish.operation.id) return known;
    const fresh = new OperationMemory(lab.wish.operation.id, lab, this.clock.now());
    this.memories.set(lab.name, fresh);
    return fresh;
  }

  /** Takes note of how the lab's pod is now. */
  see(lab: Lab, pod: ObservedPod): void {
    this.of(lab).see(pod, this.clock.now());
  }

  /** How many labs there are of which the cluster stores nothing. */
  get unrecorded(): number {
    return Array.from(this.memories.values()).filter(({ unrecorded }) => unrecorded !== undefined).length;
  }

  /** The API server's words, while it refuses to store how this operation goes. */
  whyUnrecorded(name: string, operation: string): string | undefined {
    const memory = this.memories.get(name);
    return memory?.operation === operation ? memory.unrecorded : undefined;
  }

  /** What leads to this lab was deleted. */
  lost(name: string): void {
    this.memories.get(name)?.lost();
  }

  recall(lab: Lab): Remembered {
    return this.of(lab).recall(this.clock.now());
  }

  forget(name: string): void {
    this.memories.delete(name);
  }

  /** Another process leads, or will: nothing remembered may be trusted afterwards. */
  clear(): void {
    this.memories.clear();
  }
}
