import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.js';
import type { Priority } from './call.js';
import { CallBound } from './call-bound.js';
import { RequestGate } from './request-gate.js';
import type { Outcome } from './request-gate.js';

const until = (signal?: AbortSignal): CallBound => new CallBound(new FakeClock(), undefined, signal);
const flush = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('RequestGate', () => {
  it('lets a burst through at once and the rest at the rate, in order', async () => {
    const clock = new FakeClock();
    const gate = new RequestGate({ rate: 10, burst: 2, parallel: 100 }, clock);
    const entered: number[] = [];
    for (let i = 0; i < 4; i += 1) void gate.enter('reconcile', until()).then(() => entered.push(i));

    await flush();
    expect(entered).toEqual([0, 1]);
    await clock.advance(100);
    expect(entered).toEqual([0, 1, 2]);
    await clock.advance(100);
    expect(entered).toEqual([0, 1, 2, 3]);
  });

  it('serves a person before a reconciler and that before the background', async () => {
    const clock = new FakeClock();
    const gate = new RequestGate({ rate: 10, burst: 1, parallel: 100 }, clock);
    const entered: string[] = [];
    const ask = (priority: Priority): void =>
      void gate.enter(priority, until()).then(() => entered.push(priority));
    ask('background');
    for (const priority of ['background', 'reconcile', 'interactive'] as const) ask(priority);

    await clock.advance(1000);

    expect(entered).toEqual(['background', 'interactive', 'reconcile', 'background']);
  });

  it('keeps slots for the more urgent when all others are taken', async () => {
    const gate = new RequestGate({ rate: 1000, burst: 1000, parallel: 8 }, new FakeClock());
    const entered: string[] = [];
    const ask = (priority: Priority): void =>
      void gate.enter(priority, until()).then(() => entered.push(priority));
    for (let i = 0; i < 8; i += 1) ask('background');

    await flush();
    expect(entered).toHaveLength(6);
    ask('reconcile');
    ask('interactive');
    await flush();

    expect(entered.slice(6)).toEqual(['reconcile', 'interactive']);
  });

  it('lets in what is vital though all slots are taken and others wait', async () => {
    const gate = new RequestGate({ rate: 1000, burst: 1000, parallel: 2 }, new FakeClock());
    const entered: string[] = [];
    const ask = (priority: Priority): void =>
      void gate.enter(priority, until()).then(() => entered.push(priority));
    for (let i = 0; i < 4; i += 1) ask('interactive');
    ask('vital');

    await flush();

    expect(entered).toEqual(['interactive', 'interactive', 'vital']);
  });

  it('lets a person in however many vital requests hang, after 429s too', async () => {
    const gate = new RequestGate({ rate: 1000, burst: 1000, parallel: 8 }, new FakeClock());
    const crowd = crowdAt(gate);
    await crowd.ask('interactive', 1);
    await crowd.leave('throttled', 1);

    await crowd.ask('vital', 20);
    await crowd.ask('interactive', 10);

    expect(crowd.underWay).toBe(20 + 4);
  });

  it('gives no slot back for a vital request, which had none', async () => {
    const gate = new RequestGate({ rate: 1000, burst: 1000, parallel: 2 }, new FakeClock());
    const crowd = crowdAt(gate);
    await crowd.ask('vital', 5);
    await crowd.ask('interactive', 10);

    await crowd.leave('answered', 5);

    expect(crowd.underWay).toBe(2);
  });

  it('gives one slot on when one leaves', async () => {
    const gate = new RequestGate({ rate: 1000, burst: 1000, parallel: 1 }, new FakeClock());
    await gate.enter('interactive', until());
    let entered = 0;
    for (let i = 0; i < 2; i += 1) void gate.enter('interactive', until()).then(() => (entered += 1));

    gate.leave('interactive', 'answered');
    await flush();

    expect(entered).toBe(1);
  });

  it('forgets who gave up waiting', async () => {
    const gate = new RequestGate({ rate: 1000, burst: 1000, parallel: 1 }, new FakeClock());
    await gate.enter('interactive', until());
    const impatient = new AbortController();
    const refused = gate.enter('interactive', until(impatient.signal));
    let entered = false;
    void gate.enter('interactive', until()).then(() => (entered = true));

    impatient.abort(new Error('enough'));
    await expect(refused).rejects.toThrow('enough');
    gate.leave('interactive', 'answered');
    await flush();

    expect(entered).toBe(true);
  });

  it('halves the slots of everybody at a 429, at most four times a second, and never to the last', async () => {
    const clock = new FakeClock();
    const gate = new RequestGate({ rate: 10_000, burst: 10_000, parallel: 32 }, clock);
    const crowd = crowdAt(gate);
    await crowd.ask('interactive', 200);
    expect(crowd.underWay).toBe(32);

    await crowd.leave('throttled', 17);
    expect(crowd.underWay).toBe(16);
    for (const slots of [8, 4, 4]) {
      await clock.advance(250);
      await crowd.leave('throttled', 17);
      expect(crowd.underWay).toBe(slots);
    }
  });

  it('gives a slot back for as many answers as there are, up to all of them', async () => {
    const clock = new FakeClock();
    const told: string[] = [];
    const onPace = (pace: string): void => void told.push(pace);
    const gate = new RequestGate({ rate: 10_000, burst: 10_000, parallel: 8, onPace }, clock);
    const crowd = crowdAt(gate);
    await crowd.ask('interactive', 200);
    await crowd.leave('throttled', 5);
    expect(told).toEqual(['slow']);
    expect(crowd.underWay).toBe(4);

    await crowd.leave('lost', 10);
    expect(crowd.underWay).toBe(4);
    await crowd.leave('answered', 4);
    expect(crowd.underWay).toBe(5);
    await crowd.leave('answered', 5 + 6 + 7 + 30);
    expect(crowd.underWay).toBe(8);
    expect(told).toEqual(['slow', 'full']);
  });

  it('keeps a slot for a person however few are left', async () => {
    const clock = new FakeClock();
    const gate = new RequestGate({ rate: 10_000, burst: 10_000, parallel: 8 }, clock);
    const crowd = crowdAt(gate);
    await crowd.ask('background', 100);
    await crowd.leave('throttled', 6);
    expect(crowd.underWay).toBe(2);

    await crowd.ask('reconcile', 100);
    expect(crowd.underWay).toBe(3);
    await crowd.ask('interactive', 1);
    expect(crowd.underWay).toBe(4);
  });
});

/** Requests that stay under way until they are told to leave. */
function crowdAt(gate: RequestGate): {
  readonly underWay: number;
  ask(priority: Priority, count: number): Promise<void>;
  leave(outcome: Outcome, count: number): Promise<void>;
} {
  let underWay = 0;
  const entered: Priority[] = [];
  const enter = (priority: Priority): void => {
    underWay += 1;
    entered.push(priority);
  };
  return {
    get underWay() {
      return underWay;
    },
    async ask(priority, count) {
      for (let i = 0; i < count; i += 1) void gate.enter(priority, until()).then(() => enter(priority));
      await flush();
    },
    /** One after the other; whoever waits takes the place. */
    async leave(outcome, count) {
      for (let i = 0; i < count && underWay > 0; i += 1) {
        underWay -= 1;
        gate.leave(entered.shift() ?? 'vital', outcome);
        await flush();
      }
    },
  };
}
