import { SchedulerRegistry } from '@nestjs/schedule';
import { afterEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.js';
import { millis, seconds } from '../common/units.js';
import { LeaderLoop } from './leader-loop.js';

class Stage {
  readonly did: string[] = [];
  readonly clock = new FakeClock();
  readonly scheduler = new SchedulerRegistry();
  synced = true;
  private listener: () => void = () => undefined;
  readonly leadership = {
    leading: false,
    onChange: (listener: () => void) => {
      this.listener = listener;
      return () => (this.listener = () => undefined);
    },
  };
  readonly loop = new LeaderLoop({
    name: 'things.sweep',
    queue: {
      start: () => this.did.push('start'),
      pause: () => this.did.push('pause'),
      drain: () => Promise.resolve(void this.did.push('drain')),
    },
    leadership: this.leadership,
    scheduler: this.scheduler,
    clock: this.clock,
    sweepEvery: seconds(3600),
    isSynced: () => this.synced,
    sweep: () => this.did.push('sweep'),
    onLost: () => this.did.push('forget'),
    onBegin: () => this.did.push('begun'),
  });

  lead(leading: boolean): readonly string[] {
    this.leadership.leading = leading;
    this.listener();
    return this.did.splice(0);
  }
}

describe('LeaderLoop', () => {
  let stage: Stage;
  const begun = (): Stage => {
    stage = new Stage();
    stage.loop.begin();
    stage.did.splice(0);
    return stage;
  };
  afterEach(() => stage.loop.end());

  it('runs the queue and sweeps while this process leads, and forgets when it does not', () => {
    expect(begun().lead(true)).toEqual(['start', 'sweep', 'begun']);
    expect(stage.lead(false)).toEqual(['pause', 'forget']);
  });

  it('waits for the caches', async () => {
    begun().synced = false;

    expect(stage.lead(true)).toEqual([]);
    stage.synced = true;
    await stage.clock.advance(millis(50));

    expect(stage.did).toEqual(['start', 'sweep', 'begun']);
  });

  it('sweeps when asked, as the leader only', () => {
    begun().loop.sweep();
    expect(stage.did).toEqual([]);

    stage.lead(true);
    stage.loop.sweep();
    expect(stage.did).toEqual(['sweep']);
  });

  it('begins nothing after its end, and leaves no timer behind', async () => {
    begun().lead(true);
    await stage.loop.end();

    expect(stage.did).toEqual(['drain']);
    expect(stage.scheduler.getIntervals()).toEqual([]);
    stage.did.splice(0);
    expect(stage.lead(true)).toEqual([]);
  });
});
