import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.js';
import { seconds } from '../../common/units.js';
import { Requests } from './requests.js';

describe('Requests', () => {
  let clock: FakeClock;
  let requests: Requests;
  let drained: boolean;

  beforeEach(() => {
    clock = new FakeClock();
    requests = new Requests(clock);
    drained = false;
  });

  const drain = (hopeless = new AbortController()): void => {
    void requests.drain(seconds(70), hopeless.signal).then(() => (drained = true));
  };

  it('has drained a moment after nobody waits', async () => {
    drain();
    await clock.advance(400);
    expect(drained).toBe(false);

    await clock.advance(200);

    expect(drained).toBe(true);
    expect(requests.cut.aborted).toBe(false);
  });

  it('waits for who waits, and for the step that follows on an answer', async () => {
    const leaveCreate = requests.enter();
    drain();
    await clock.advance(5_000);
    leaveCreate();
    await clock.advance(300);
    const leaveEvents = requests.enter();
    await clock.advance(10_000);
    expect(drained).toBe(false);

    leaveEvents();
    await clock.advance(600);

    expect(drained).toBe(true);
    expect(requests.cut.aborted).toBe(false);
  });

  it('cuts off who waits as soon as that is hopeless', async () => {
    const hopeless = new AbortController();
    requests.enter();
    drain(hopeless);
    await clock.advance(5_000);
    expect(drained).toBe(false);

    hopeless.abort();
    await clock.advance(600);

    expect(drained).toBe(true);
    expect(requests.cut.aborted).toBe(true);
  });

  it('notices a caller that came and went within the moment', async () => {
    drain();
    await clock.advance(400);
    requests.enter()();
    await clock.advance(400);
    expect(drained).toBe(false);

    await clock.advance(200);

    expect(drained).toBe(true);
  });

  it('cuts whoever still waits when the time is over, once', async () => {
    const leave = requests.enter();
    let cuts = 0;
    requests.cut.addEventListener('abort', () => {
      cuts += 1;
      leave();
      leave();
    });
    drain();

    await clock.advance(71_000);

    expect(cuts).toBe(1);
    expect(drained).toBe(true);
    expect(requests.waiting).toBe(0);
  });

  it('ends even if somebody does not take the cut', async () => {
    requests.enter();
    drain();

    await clock.advance(72_000);

    expect(drained).toBe(true);
    expect(requests.waiting).toBe(1);
  });
});
