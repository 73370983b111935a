import type { Clock } from '../common/clock.js';
import { millis } from '../common/units.js';
import type { Millis } from '../common/units.js';
import type { Priority } from './call.js';
import type { Bound } from './call-bound.js';

export interface GateOptions {
  /** Requests a second in the long run. */
  readonly rate: number;
  /** Requests that may start at once after a pause. */
  readonly burst: number;
  /** Requests under way at the same time. */
  readonly parallel: number;
  /** Calls back when the API server begins to slow us down, and when all slots are there again. */
  readonly onPace?: (pace: 'slow' | 'full') => void;
}

interface Waiter {
  readonly enter: () => void;
}

/** What came of a request: an answer, the answer to come later (429), or neither. */
export type Outcome = 'answered' | 'throttled' | 'lost';

/** However busy the API server is, so many are under way, with one for each priority that waits for slots: it is noticed when it is not busy any more. */
const FEWEST = 4;
/** Refusals of one moment are one sign. */
const ONE_SIGN = millis(250);

const PRIORITIES: readonly Priority[] = ['vital', 'interactive', 'reconcile', 'background'];

/**
 * Decides when a request may start: a token bucket bounds their rate, slots bound how many are under way.
 * Among those who wait, a person goes before a reconciler and that before the background; first come, first served
 * within each. Some slots are kept for the more urgent, so that a slow API server full of background work still
 * answers a person. What is vital goes before all, waits for no slot and takes none: a crowd must not cost us the lease,
 * nor watches that hang while they open keep everybody out.
 *
 * A 429 means all of us: API servers count the requests of an account together. So it halves the slots of everybody, at
 * most four times a second; as many answers as there are slots give one back.
 */
export class RequestGate {
  private readonly waiting: Record<Priority, Set<Waiter>> = {
    vital: new Set(),
    interactive: new Set(),
    reconcile: new Set(),
    background: new Set(),
  };
  private tokens: number;
  private filledAt: number;
  private taken = 0;
  private cancelTimer: (() => void) | undefined;
  private slots: number;
  private answers = 0;
  private halvedAt = -Infinity;

  constructor(
    private readonly options: GateOptions,
    private readonly clock: Clock,
  ) {
    this.slots = options.parallel;
    this.tokens = options.burst;
    this.filledAt = clock.monotonic();
  }

  /** Resolves when the request may start; unless it is vital, it has a slot until `leave`. Rejects with the bound's reason. */
  enter(priority: Priority, bound: Bound): Promise<void> {
    return new Promise((resolve, reject) => {
      if (bound.reason) {
        reject(bound.reason);
        return;
      }
      const waiter: Waiter = {
        enter: () => {
          bound.onEnd(undefined);
          resolve();
        },
      };
      bound.onEnd((reason) => {
        this.waiting[priority].delete(waiter);
        reject(reason);
      });
      this.waiting[priority].add(waiter);
      this.admit();
    });
  }

  /** Called once for each that entered, by its priority: gives its slot back. */
  leave(priority: Priority, outcome: Outcome): void {
    if (priority !== 'vital') this.taken -= 1;
    if (outcome === 'throttled') this.slowDown();
    else if (outcome === 'answered') this.speedUp();
    this.admit();
  }

  private slowDown(): void {
    const now = this.clock.monotonic();
    if (now - this.halvedAt < ONE_SIGN) return;
    this.halvedAt = now;
    this.answers = 0;
    if (this.slots >= this.options.parallel) this.options.onPace?.('slow');
    this.slots = Math.min(this.slots, Math.max(FEWEST, Math.floor(this.slots / 2)));
  }

  private speedUp(): void {
    if (this.slots >= this.options.parallel) return;
    this.answers += 1;
    if (this.answers < this.slots) return;
    this.answers = 0;
    this.slots += 1;
    if (this.slots >= this.options.parallel) this.options.onPace?.('full');
  }

  private admit(): void {
    this.fill();
    for (const priority of PRIORITIES) {
      for (const waiter of this.waiting[priority]) {
        if (this.taken >= this.slotsFor(priority)) break;
        if (this.tokens < 1) {
          this.awaitToken();
          return;
        }
        this.waiting[priority].delete(waiter);
        this.tokens -= 1;
        if (priority !== 'vital') this.taken += 1;
        waiter.enter();
      }
    }
  }

  private slotsFor(priority: Priority): number {
    if (priority === 'vital') return Infinity;
    const kept = Math.ceil(this.slots / 8);
    return Math.max(1, this.slots - kept * (PRIORITIES.indexOf(priority) - 1));
  }

  private fill(): void {
    const now = this.clock.monotonic();
    const gained = ((now - this.filledAt) / 1000) * this.options.rate;
    this.tokens = Math.min(this.options.burst, this.tokens + gained);
    this.filledAt = now;
  }

  private awaitToken(): void {
    const wait = Math.max(1, Math.ceil(((1 - this.tokens) / this.options.rate) * 1000)) as Millis;
    this.cancelTimer?.();
    this.cancelTimer = this.clock.after(wait, () => this.admit());
  }
}
