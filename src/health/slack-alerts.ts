import { request } from 'undici';

import { Clock } from '../common/clock.js';
import { Deadline } from '../common/deadline.js';
import { seconds } from '../common/units.js';
import type { Millis } from '../common/units.js';
import { slackMessage } from './slack-message.js';

/** One kind of trouble is told once in so long; what happens meanwhile is counted. */
const PAUSE = seconds(300);
/** Over all kinds, in the same span: a cluster on fire has many. */
const MOST = 10;
/** Kinds are constants of the program; more than this would be a mistake of ours. */
const MOST_KINDS = 200;
const WITHIN = seconds(20);

interface Told {
  at: Millis;
  kept: number;
}

/** Sends alerts to a Slack webhook (contract 11.5): few of them, and never twice the same in five minutes. */
export class SlackAlerts {
  private readonly kinds = new Map<string, Told>();
  private sent: Millis[] = [];

  constructor(
    private readonly webhook: string,
    private readonly name: string,
    private readonly clock: Clock,
    /** Told of an alert that Slack did not take; must not raise an alert itself. */
    private readonly onLost: (error: unknown) => void,
  ) {}

  /** Never throws; nobody waits for Slack. */
  raise(summary: string, facts: Readonly<Record<string, string>>): void {
    const now = this.clock.monotonic();
    const told = this.kinds.get(summary);
    if ((told && now < told.at + PAUSE) || !this.hasRoom(now)) {
      if (told) told.kept += 1;
      else this.note(summary, { at: (now - PAUSE) as Millis, kept: 1 });
      return;
    }
    this.sent.push(now);
    this.note(summary, { at: now, kept: 0 });
    const alert = { summary, at: this.clock.now(), facts, kept: told?.kept ?? 0 };
    this.post(slackMessage(this.name, alert)).catch(this.onLost);
  }

  private hasRoom(now: Millis): boolean {
    this.sent = this.sent.filter((at) => now < at + PAUSE);
    return this.sent.length < MOST;
  }

  private note(summary: string, told: Told): void {
    if (this.kinds.size < MOST_KINDS || this.kinds.has(summary)) this.kinds.set(summary, told);
  }

  private async post(message: object): Promise<void> {
    const bound = new Deadline(this.clock, WITHIN).bind();
    try {
      const answer = await request(this.webhook, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(message),
        signal: bound.signal,
      });
      await answer.body.dump();
      if (answer.statusCode >= 300) throw new Error(`Slack answered ${String(answer.statusCode)}`);
    } finally {
      bound.release();
    }
  }
}
