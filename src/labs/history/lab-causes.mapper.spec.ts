import { describe, expect, it } from 'vitest';
import { aLab, aRecord, aWish, after, entry, progress } from '../../../test/gen/observed.js';
import type { Condition } from '../../common/record.js';
import { REASONS } from '../causes/index.js';
import type { Lab, LabRecord } from '../lab.js';
import { causesOf } from './lab-causes.mapper.js';

const lab = (username: string, record: Partial<LabRecord>): Lab =>
  aLab({
    name: username,
    wish: aWish({ owner: { ...aWish().owner, username } }),
    record: aRecord({ operation: progress(), ...record }),
  });
const short = (second: number) =>
  entry(2, {
    at: after(second),
    reason: 'cpu_short',
    severity: 'warning',
    message: 'Too little CPU',
    remedy: 'Wait',
    who: 'operator',
  });
const waits = (username: string, second: number): Lab => lab(username, { ledger: [short(second)] });
const failed = (username: string, second: number): Lab =>
  lab(username, {
    phase: 'failed',
    operation: progress({ ended: 'failed' }),
    failure: { reason: 'image_missing', cause: 'No image', remedy: 'Choose', who: 'user', at: after(second) },
  });
const runs = (username: string, ready: 'True' | 'False', failure: LabRecord['failure'] = null): Lab =>
  lab(username, {
    phase: 'running',
    operation: progress({ ended: 'succeeded' }),
    failure,
    conditions: [
      {
        ...{ type: 'Ready', status: ready, reason: 'x', message: '' },
        ...{ lastTransitionTime: after(0), observedGeneration: 1 },
      },
    ],
  });

describe('causes of all labs', () => {
  it('puts labs with one reason together, the largest group first', () => {
    const groups = causesOf([failed('a', 5), waits('b', 10), waits('c', 20), runs('d', 'True')], after(30));

    expect(groups.map(({ reason, count, waiting }) => [reason, count, waiting])).toEqual([
      ['cpu_short', 2, 2],
      ['image_missing', 1, 0],
    ]);
    expect(groups[0]).toMatchObject({ remedy: 'Wait', who: 'operator', users: ['b', 'c'], since: after(10) });
  });

  it('says how far those are that merely wait', () => {
    const [group] = causesOf([lab('a', { operation: null })], after(1));

    expect(group).toMatchObject({ reason: 'spawn_accepted', waiting: 1, remedy: null });
  });

  it('keeps to what holds a lab up when older words about its pod are told after it', () => {
    const Progressing: Condition = {
      ...{ type: 'Progressing', status: 'True', reason: 'cpu_short', message: 'Too little CPU' },
      ...{ lastTransitionTime: after(3), observedGeneration: 1 },
    };
    const late = entry(3, { at: after(2), reason: 'pulling', message: 'Pulling image "x"' });

    const stuck = lab('a', { ledger: [short(3), late], conditions: [Progressing] });
    const onItsWay = lab('b', {
      ledger: [short(3), late],
      conditions: [{ ...Progressing, reason: 'pulling' }],
    });

    expect(causesOf([stuck, onItsWay], after(4))).toMatchObject([
      { reason: 'cpu_short', remedy: 'Wait', who: 'operator', users: ['a'], since: after(3) },
      { reason: 'pulling', remedy: null, users: ['b'] },
    ]);
  });

  it('counts a running lab that is down at the moment', () => {
    const failure = { reason: 'crash_looping', cause: 'boom', remedy: null, who: null, at: after(1) };

    expect(causesOf([runs('a', 'False', failure), runs('b', 'True', failure)], after(2))).toMatchObject([
      { reason: 'crash_looping', count: 1, failed: 1 },
    ]);
  });

  it('names running labs whose node is silent, whatever was heard of them last, with what helps', () => {
    const failure = { reason: 'crash_looping', cause: 'boom', remedy: null, who: null, at: after(1) };
    const labs = [runs('a', 'True'), runs('b', 'False', failure), runs('c', 'True'), waits('d', 5)];
    const unheard = new Map(['a', 'b', 'd'].map((name) => [name, { node: 'node-7', since: after(20) }]));

    expect(causesOf(labs, after(30), unheard)).toMatchObject([
      {
        ...{ reason: 'node_silent', count: 2, running: 2, waiting: 0, failed: 0, users: ['a', 'b'] },
        ...{ message: expect.stringContaining('node-7') as string, who: 'operator', since: after(20) },
        remedy: REASONS.node_silent.remedy,
      },
      { reason: 'cpu_short', count: 1, running: 0, waiting: 1, users: ['d'] },
    ]);
  });

  it.each([
    ['rising', [10, 590, 595], 600],
    ['falling', [10, 20, 400], 500],
    ['steady', [10, 400], 500],
  ] as const)('is %s by the last five minutes against those before', (trend, times, now) => {
    const labs = times.map((second, index) => waits(`user-${String(index)}`, second));

    expect(causesOf(labs, after(now))[0]?.trend).toBe(trend);
  });

  it('names ten at most, and counts all', () => {
    const labs = Array.from({ length: 500 }, (_, index) => waits(`user-${String(index)}`, 1));

    expect(causesOf(labs, after(2))[0]).toMatchObject({ count: 500, recent: 500 });
    expect(causesOf(labs, after(2))[0]?.users).toHaveLength(10);
  });
});
