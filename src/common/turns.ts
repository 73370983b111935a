import type { Clock } from './clock.js';

/** Who waits for the work: somebody whose work has begun, somebody who just came, or only the cluster. */
export type Lane = 'people' | 'newcomers' | 'cluster';

/** Work of one turn of the event loop, in milliseconds, before everybody else gets theirs. */
const SHARE = 3;
/** Of those who wait, at most so many go in one turn, each looked at anew whether there is time left. */
const MOST_AT_ONCE = 8;
/** One in so many goes to the cluster's lane however many people wait, or a crowd would keep its own labs from starting. */
const CLUSTER_EVERY = 4;

/**
 * Divides the event loop: whoever begins a piece of work passes here first, people before the cluster, and of them who has
 * begun before who has not: a crowd in which all had begun would wait for its last one, its writes until they are given up.
 *
 * Dozens of answers and hundreds of events may arrive together; worked off in one go they would hold up everybody by
 * their sum. And Node accepts one connection a turn (libuv 1.45 and later), so that in a crowd a newcomer waits for as
 * many turns as there are others: turns have to be short.
 */
export class Turns {
  private readonly waiting: Record<Lane, (() => void)[]> = {
    people: [],
    newcomers: [],
    cluster: [],
  };
  private beganAt: number | undefined;
  private admitted = 0;

  constructor(private readonly clock: Clock) {}

  /** Undefined: go on at once. Else resolves in a turn that has time left; first come, first served in each lane. */
  pass(lane: Lane): Promise<void> | undefined {
    if (!this.isCrowded && this.hasTime()) return undefined;
    return new Promise((resolve) => {
      this.waiting[lane].push(resolve);
    });
  }

  private get isCrowded(): boolean {
    const { people, newcomers, cluster } = this.waiting;
    return people.length + newcomers.length + cluster.length > 0;
  }

  private hasTime(): boolean {
    const now = this.clock.monotonic();
    if (this.beganAt === undefined) this.begin(now);
    return now - (this.beganAt ?? now) < SHARE;
  }

  /** What is set here runs in the next turn, one after the other, each with all that follows from it. */
  private begin(now: number): void {
    this.beganAt = now;
    setImmediate(() => {
      this.beganAt = undefined;
      if (this.isCrowded) this.begin(this.clock.monotonic());
    });
    for (let place = 0; place < MOST_AT_ONCE; place += 1) setImmediate(() => this.admit());
  }

  private admit(): void {
    if (!this.isCrowded || !this.hasTime()) return;
    this.admitted += 1;
    const { people, newcomers, cluster } = this.waiting;
    const first = this.admitted % CLUSTER_EVERY === 0 ? cluster : people;
    (first.shift() ?? people.shift() ?? newcomers.shift() ?? cluster.shift())?.();
  }
}
