import { Hub } from '../../support/hub.js';
import type { Reading, WireEvent } from '../../support/sse-reader.js';
import { pooled } from '../../support/work.js';
import type { Replica } from './replicas.js';

const AT_ONCE = 16;

/** One spawn as its client saw it. */
export interface Spawned {
  readonly user: string;
  /** What was answered to `create`; undefined where the connection broke. */
  readonly answer: number | undefined;
  /** Every stored event, over all streams that it took to hear them. */
  readonly events: WireEvent[];
  /** How many streams that were. */
  streams: number;
}

/**
 * Many clients that spawn at once, through two doors in turn, and follow their spawns. One whose stream breaks goes on
 * at the other door from the last event that it had; so does every second one when told that the first door is bad.
 */
export class Crowd {
  readonly spawned: Spawned[] = [];
  private readonly open = new Map<Spawned, Reading>();
  private isBad = false;

  constructor(
    private readonly first: Replica,
    private readonly second: Replica,
  ) {}

  /** Spawns that were answered 201. */
  get accepted(): readonly Spawned[] {
    return this.spawned.filter(({ answer }) => answer === 201);
  }

  get completed(): number {
    return this.accepted.filter(({ events }) => events.at(-1)?.event === 'complete').length;
  }

  /** Resolves when every spawn that was accepted has ended. */
  async spawn(users: readonly string[]): Promise<void> {
    const following: Promise<void>[] = [];
    await pooled(
      users,
      async (user) => {
        const door = this.doorOf(users.indexOf(user));
        const answer = await new Hub(door.berth.url).create(user).catch(() => undefined);
        const spawned: Spawned = { user, answer, events: [], streams: 0 };
        this.spawned.push(spawned);
        if (answer === 201) following.push(this.follow(spawned, door));
      },
      AT_ONCE,
    );
    await Promise.all(following);
  }

  /** Something is wrong with the first door: nobody new goes there, and half of those who listen go away. */
  avoidFirst(): void {
    this.isBad = true;
    Array.from(this.open.values())
      .filter((_, nth) => nth % 2 === 0)
      .forEach((reading) => {
        reading.cancel();
      });
  }

  private doorOf(nth: number): Replica {
    return nth % 2 === 0 && !this.isBad ? this.first : this.second;
  }

  private async follow(spawned: Spawned, door: Replica): Promise<void> {
    const { events } = spawned;
    for (let at = door; !isEnd(events.at(-1)); at = this.second) {
      spawned.streams += 1;
      const asked = new Hub(at.berth.url).events(spawned.user, events.at(-1)?.id);
      const reading = await (at === this.first ? asked.catch(onlyIfBroken) : asked);
      if (!reading) continue;
      if (at === this.first) this.open.set(spawned, reading);
      await reading.ended;
      this.open.delete(spawned);
      events.push(...reading.events.filter(({ id }) => id !== undefined));
    }
  }
}

/** A bad door may break, or say that it knows nothing certain; that there is no such lab is never said. */
function onlyIfBroken(error: unknown): undefined {
  if (/answered (?!503)/.test(String(error))) throw error;
}

const isEnd = (event: WireEvent | undefined): boolean =>
  event !== undefined && ['complete', 'failed'].includes(event.event);
