import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.js';
import { Deadline, DeadlineExceeded } from './deadline.js';
import { newOperationId } from './ids.js';
import { seconds } from './units.js';

describe('Deadline', () => {
  it('is one budget for many', async () => {
    const clock = new FakeClock();
    const deadline = new Deadline(clock, seconds(10));
    await clock.advance(4000);
    const { signal } = deadline.bind();

    expect(deadline.remaining()).toBe(6000);
    clock.jumpWall(3_600_000);
    expect(deadline.expired).toBe(false);
    await clock.advance(6000);

    expect(deadline.expired).toBe(true);
    expect(signal.reason).toBeInstanceOf(DeadlineExceeded);
  });

  it('aborts with its parent, for the parent’s reason, and leaves nothing behind', () => {
    const clock = new FakeClock();
    const parent = new AbortController();
    const bound = new Deadline(clock, seconds(10)).bind(parent.signal);
    const released = new Deadline(clock, seconds(10)).bind(parent.signal);
    released.release();

    parent.abort('enough');
    bound.release();

    expect(bound.signal.reason).toBe('enough');
    expect(released.signal.aborted).toBe(false);
    expect(clock.pending).toBe(0);
  });
});

describe('newOperationId', () => {
  it('is ten characters that a label may hold, and another each time', () => {
    const ids = Array.from({ length: 1000 }, newOperationId);

    expect(new Set(ids).size).toBe(1000);
    for (const id of ids) expect(id).toMatch(/^[a-z2-7]{10}$/);
  });
});
