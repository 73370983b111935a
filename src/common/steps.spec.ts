import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.js';
import { atOnce, inTurns } from './steps.js';
import type { Steps } from './steps.js';

describe('inTurns', () => {
  it('lets others in between steps that take their time, and gives what atOnce gives', async () => {
    const clock = new FakeClock();
    const story: string[] = [];
    function* work(): Steps<string> {
      for (const name of ['a', 'b', 'c']) {
        story.push(name);
        void clock.advance(5);
        yield undefined;
      }
      return 'done';
    }
    setImmediate(() => story.push('somebody else'));

    await expect(inTurns(work(), clock)).resolves.toBe('done');

    expect(story.indexOf('somebody else')).toBeLessThan(story.indexOf('c'));
    expect(atOnce(work())).toBe('done');
  });

  it('fails as the work fails', async () => {
    function* work(): Steps<never> {
      yield undefined;
      throw new Error('no');
    }

    await expect(inTurns(work(), new FakeClock())).rejects.toThrow('no');
  });
});
