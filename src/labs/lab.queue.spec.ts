import { describe, expect, it } from 'vitest';

import { aLab, aRecord, aWish, after, entry, progress, stopWish } from '../../test/gen/observed.js';
import { compareRanks } from '../reconcile/index.js';
import type { Lab } from './lab.js';
import { isWriting, laneOf, queueHints, queueRank } from './lab.queue.js';

const waiting = (name: string, second: number, lane = 0): Lab =>
  aLab({
    name,
    wish: aWish({ lane, operation: { id: 'spawnaaaaa', kind: 'spawn', acceptedAt: after(second) } }),
  });
const written = (name: string, second: number): Lab => {
  const ledger = [entry(2, { reason: 'objects_created', at: after(second) })];
  const record = aRecord({ operation: progress({ objectsCreated: true, last: 2 }), ledger });
  return aLab({ name, record });
};

describe('the queue', () => {
  it('puts whoever only waits for its pod before whoever is written, then lanes, then acceptance', () => {
    const labs = [waiting('late', 9), waiting('slow', 1, 1), waiting('early', 1), written('done', 0)];

    expect([...labs].sort((a, b) => compareRanks(queueRank(a), queueRank(b))).map((lab) => lab.name)).toEqual(
      ['done', 'early', 'late', 'slow'],
    );
  });

  it('holds only spawns whose objects are still to be written', () => {
    expect(isWriting(waiting('a', 1))).toBe(true);
    expect(isWriting(written('b', 1))).toBe(false);
    expect(isWriting(aLab({ wish: stopWish() }))).toBe(false);
    expect(isWriting(aLab({ beingDeleted: true }))).toBe(false);
  });

  it('tells a place and a wait at the pace of the last half minute', () => {
    const labs = [
      waiting('a', 1),
      waiting('b', 2),
      waiting('c', 3),
      written('x', 20),
      written('y', 29),
      written('z', -60),
    ];

    const hints = queueHints(labs, 1, after(30));

    expect([...hints].map(([name, told]) => [name, told.message])).toEqual([
      ['b', 'Waiting for its turn: place 1 in the queue, about 20 seconds'],
      ['c', 'Waiting for its turn: place 2 in the queue, about 30 seconds'],
    ]);
  });

  it('does not take back how far a lab is that a higher lane overtakes', () => {
    const ledger = [
      entry(2, { reason: 'remains_removed', progress: 20 }),
      entry(3, { reason: 'webhook_denied' }),
    ];
    const overtaken = {
      ...waiting('b', 2, 1),
      record: aRecord({ operation: progress({ last: 3 }), ledger }),
    };

    const hints = queueHints([waiting('a', 1), overtaken], 1, after(3));

    expect(hints.get('b')?.progress).toBe(20);
    expect(queueHints([waiting('a', 1), waiting('b', 2)], 1, after(3)).get('b')?.progress).toBe(1);
  });

  it('tells nobody anything whose turn it is', () => {
    expect(queueHints([waiting('a', 1), waiting('b', 2)], 2, after(3)).size).toBe(0);
  });

  it('gives a user the first lane that shares a group, else the last', () => {
    const lanes = [
      { name: 'class', groups: ['students'] },
      { name: 'staff', groups: ['staff', 'admins'] },
    ];

    expect(laneOf([{ name: 'admins' }, { name: 'x' }], lanes)).toBe(1);
    expect(laneOf([{ name: 'students' }, { name: 'admins' }], lanes)).toBe(0);
    expect(laneOf([{ name: 'x' }], lanes)).toBe(2);
  });
});
