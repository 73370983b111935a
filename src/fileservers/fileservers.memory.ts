import { Clock } from '../common/clock.js';
import type { Telling } from '../common/ledger.js';
import { later, seconds } from '../common/units.js';
import type { Instant } from '../common/units.js';
import type { FileServer } from './fileserver.js';
import type { Remembered } from './fileserver.observed.js';

/** A deletion that does not show after this long is asked for again. */
const DELETION_SHOWS = seconds(30);
const MOST_DETAILS = 64;
/** The Job's controller makes a pod at once; who still has none after this long is asked about. */
const POD_COMES = seconds(10);
const BETWEEN_ASKS = seconds(20);
/** Kubernetes Events of one operation, besides the one at its end. */
const MOST_CAUSES = 3;

/** What the leader remembers of one operation so as not to do things twice. All of it may be lost at any time. */
export class ServerMemory {
  claimsMade = 0;
  keyMade = false;
  claimsCleared = false;
  /** Those that bear our mark are gone; an adopted server's bear none. */
  claimsHalfCleared = false;
  keyCleared = false;
  secretCleared = false;
  refusal: Telling | undefined;
  wroteAt: Instant | undefined;
  private announced = 0;
  private readonly details: Telling[] = [];
  private readonly deletions = new Map<string, Instant>();

  private askAt: Instant;

  constructor(
    readonly operation: string,
    since: Instant,
  ) {
    this.askAt = later(since, POD_COMES);
  }

  /** From now on, the Job should have a pod. */
  madeJob(now: Instant): void {
    this.askAt = later(now, POD_COMES);
  }

  askedJob(now: Instant): void {
    this.askAt = later(now, BETWEEN_ASKS);
  }

  clearedClaims(): void {
    this.claimsCleared = this.claimsHalfCleared;
    this.claimsHalfCleared = true;
  }

  remember(detail: Telling): void {
    if (this.details.length < MOST_DETAILS) this.details.push(detail);
  }

  deleting(uid: string, now: Instant): void {
    this.deletions.set(uid, now);
  }

  mayAnnounceCause(): boolean {
    this.announced += 1;
    return this.announced <= MOST_CAUSES;
  }

  recall(now: Instant, claims: number): Remembered {
    const pending = Array.from(this.deletions).filter(([, asked]) => now < later(asked, DELETION_SHOWS));
    return {
      claimsMade: this.claimsMade >= claims,
      keyMade: this.keyMade,
      claimsCleared: this.claimsCleared,
      keyCleared: this.keyCleared,
      refusal: this.refusal,
      details: this.details,
      deletions: new Set(pending.map(([uid]) => uid)),
      wroteAt: this.wroteAt,
      askAt: this.askAt,
    };
  }
}

/** One memory for each server, of its current operation. */
export class FileserversMemory {
  private readonly memories = new Map<string, ServerMemory>();

  constructor(private readonly clock: Clock) {}

  of({ name, wish }: FileServer): ServerMemory {
    const known = this.memories.get(name);
    if (known?.operation === wish.operation.id) return known;
    const fresh = new ServerMemory(wish.operation.id, this.clock.now());
    this.memories.set(name, fresh);
    return fresh;
  }

  recall(server: FileServer, claims: number): Remembered {
    return this.of(server).recall(this.clock.now(), claims);
  }

  forget(name: string): void {
    this.memories.delete(name);
  }

  /** Another process leads, or will: nothing remembered may be trusted afterwards. */
  clear(): void {
    this.memories.clear();
  }
}
