import { setTimeout as sleep } from 'node:timers/promises';

import type { BerthProcess } from '../../support/berth-process.js';
import { Hub } from '../../support/hub.js';
import { pooled } from '../../support/work.js';

const AT_ONCE = 16;

/**
 * A Hub that believes every answer: whatever is not the state of a lab that lives counts as dead, and JupyterHub would
 * delete the lab. Stricter than the real one, which at least asks again.
 */
export class PollingHub {
  /** Labs that would have been deleted, each with the answer that did it. */
  readonly dead: string[] = [];
  polls = 0;
  private up: BerthProcess[] = [];
  private turn = 0;

  constructor(
    private readonly users: readonly string[],
    /** Between two rounds, where a machine is shared. */
    private readonly pauseMs = 0,
  ) {}

  /** The replicas that take requests, as a Service would have it. */
  route(...replicas: BerthProcess[]): void {
    this.up = replicas;
  }

  /** Asks for all labs once, as at the Hub's own start. */
  async round(): Promise<void> {
    await pooled(this.users, (user) => this.poll(user), AT_ONCE);
  }

  /** Asks round after round until the work is done, and once more. */
  async during(work: Promise<unknown>): Promise<void> {
    const waiting = { over: false };
    const done = work.finally(() => (waiting.over = true));
    while (!waiting.over) {
      await this.round();
      await sleep(this.pauseMs);
    }
    await done;
    await this.round();
  }

  /** Spawns all labs, and resolves when they run. */
  async spawnAll(): Promise<void> {
    await pooled(this.users, async (user) => {
      const hub = this.next();
      const accepted = await hub.create(user);
      if (accepted !== 201) throw new Error(`${user}: ${accepted}`);
      const reading = await hub.events(user);
      await reading.ended;
      if (reading.events.at(-1)?.event !== 'complete') throw new Error(`${user} did not start`);
    });
  }

  private async poll(user: string): Promise<void> {
    this.polls += 1;
    const told = await this.next()
      .status(user)
      .then(
        ({ status, text }) => `${status} ${text}`,
        (error: unknown) => String(error),
      );
    if (!/^200 .*"status":"(running|pending)"/.test(told)) this.dead.push(`${user}: ${told.slice(0, 200)}`);
  }

  private next(): Hub {
    const replica = this.up[(this.turn += 1) % this.up.length];
    if (!replica) throw new Error('no replica takes requests');
    return new Hub(replica.url);
  }
}
