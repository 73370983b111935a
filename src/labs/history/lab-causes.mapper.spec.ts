import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aLab, aRecord, aWish, after, entry, progress } from '../../../test/gen/observed.js';
import type { Condition } from '../../common/record.js';
import { REASONS } from '../causes/index.js';
import type { Lab, LabRecord } from '../lab.js';
import type { CauseGroup } from '../lab.views.js';
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

  const ended = (username: string, second: number, changes: Partial<LabRecord>): Lab =>
    lab(username, {
      ledger: [
        short(10),
        entry(3, { at: after(9), reason: 'pulling', message: 'told late, and older than what holds it up' }),
        entry(4, { at: after(second), reason: changes.phase ?? 'pulling', message: 'on its way, or there' }),
      ],
      ...changes,
    });
  const running = (username: string, second: number): Lab =>
    ended(username, second, { phase: 'running', operation: progress({ ended: 'succeeded' }) });
  const stuck = (count: number): readonly Lab[] =>
    Array.from({ length: count }, (_, index) => waits(`stuck-${String(index)}`, 10));

  it.each<[CauseGroup['trend'], string, readonly Lab[]]>([
    ['steady', 'all are stuck that were', stuck(10)],
    ['rising', 'more are stuck than were', [...stuck(10), waits('a', 990)]],
    ['falling', 'some have got to run since', [...stuck(9), running('a', 900)]],
    ['falling', 'some are on their way since', [...stuck(9), ended('a', 900, {})]],
    ['steady', 'as many came as went', [...stuck(9), running('a', 900), waits('b', 990)]],
    ['steady', 'some got to run long ago', [...stuck(9), running('a', 600)]],
  ])('is %s while %s, against five minutes ago', (trend, _what, labs) => {
    const short = causesOf(labs, after(1000)).find(({ reason }) => reason === 'cpu_short');

    expect(short?.trend).toBe(trend);
  });

  it('counts failed labs and silent nodes the same way', () => {
    const labs = [failed('a', 10), runs('b', 'True'), runs('c', 'True')];
    const unheard = (second: number) =>
      new Map(['b', 'c'].map((name) => [name, { node: 'node-7', since: after(second) }]));
    const trends = (second: number) => causesOf(labs, after(1000), unheard(second)).map(({ trend }) => trend);

    expect(trends(10)).toEqual(['steady', 'steady']);
    expect(trends(900)).toEqual(['rising', 'steady']);
  });

  it('never says that it gets better while everybody waits on, whenever they met it', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { minLength: 1 }), (seconds) => {
        const labs = seconds.map((second, index) => waits(`user-${String(index)}`, second));
        const [group] = causesOf(labs, after(1000));
        expect(group?.trend).toBe(group?.recent === 0 ? 'steady' : 'rising');
      }),
    );
  });

  it('names ten at most, and counts all', () => {
    const labs = Array.from({ length: 500 }, (_, index) => waits(`user-${String(index)}`, 1));

    expect(causesOf(labs, after(2))[0]).toMatchObject({ count: 500, recent: 500 });
    expect(causesOf(labs, after(2))[0]?.users).toHaveLength(10);
  });
});
