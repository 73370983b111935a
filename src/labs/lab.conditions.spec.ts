import { describe, expect, it } from 'vitest';

import { aLab, aRecord, after, entry, progress, stopWish } from '../../test/gen/observed.js';
import { conditionsAfter } from './lab.conditions.js';
import type { StatusRecord } from './lab.decision.js';
import type { Lab } from './lab.js';

const PENDING: StatusRecord = {
  phase: 'pending',
  tellings: [{ reason: 'pulling', message: 'Pulling image' }],
};
const COMPLETE: StatusRecord = {
  phase: 'running',
  tellings: [{ reason: 'complete', event: 'complete', message: 'Lab started' }],
  ended: 'succeeded',
};
const FAILURE = { reason: 'image_missing', cause: 'There is none', remedy: null, who: null };
const FAILED: StatusRecord = {
  phase: 'failed',
  tellings: [{ reason: 'spawn_failed', event: 'failed', message: 'Lab spawn failed' }],
  failure: FAILURE,
};
const STOPPED: StatusRecord = {
  phase: 'stopped',
  tellings: [{ reason: 'lab_deleted', message: 'Lab for rachel deleted' }],
  lifeEnd: 'stopped',
};

const truths = (lab: Lab, record: StatusRecord): Record<string, string> =>
  Object.fromEntries(conditionsAfter(lab, record, after(5)).map(({ type, status }) => [type, status]));
const having = (record: StatusRecord, at = 5): Lab =>
  aLab({
    record: aRecord({
      phase: record.phase,
      operation: progress(),
      conditions: conditionsAfter(aLab(), record, after(at)),
    }),
  });

describe('conditionsAfter', () => {
  it.each<[string, Lab, StatusRecord, [ready: string, progressing: string, failed: string]]>([
    ['a lab that starts', aLab(), PENDING, ['False', 'True', 'False']],
    ['a lab that runs', having(PENDING), COMPLETE, ['True', 'False', 'False']],
    [
      'one whose notebook waits for its restart',
      having(COMPLETE),
      { ...COMPLETE, ready: false },
      ['False', 'False', 'False'],
    ],
    ['a lab that failed', having(PENDING), FAILED, ['False', 'False', 'True']],
    [
      'one that a node evicted',
      having(COMPLETE),
      { phase: 'terminated', tellings: [], failure: FAILURE },
      ['False', 'False', 'True'],
    ],
    [
      'one that ended by itself',
      having(COMPLETE),
      { phase: 'terminated', tellings: [], lifeEnd: 'exited' },
      ['False', 'False', 'False'],
    ],
    ['one that was stopped', having(COMPLETE), STOPPED, ['False', 'False', 'False']],
    ['one that was cleared away after it failed', having(FAILED), STOPPED, ['False', 'False', 'True']],
    ['one that starts again after it failed', having(FAILED), PENDING, ['False', 'True', 'False']],
  ])('tell of %s', (_whose, lab, record, [Ready, Progressing, Failed]) => {
    expect(truths(lab, record)).toEqual({ Ready, Progressing, Failed });
  });

  it('say why, by the reason codes of the story', () => {
    expect(conditionsAfter(aLab({ generation: 7 }), PENDING, after(5))).toContainEqual({
      type: 'Progressing',
      status: 'True',
      reason: 'pulling',
      message: 'Pulling image',
      lastTransitionTime: after(5),
      observedGeneration: 7,
    });
    expect(conditionsAfter(aLab(), FAILED, after(5))[2]).toMatchObject({
      reason: 'image_missing',
      message: 'There is none',
    });
  });

  it('fall back to what was told last', () => {
    const record = aRecord({ operation: progress({ last: 2 }), ledger: [entry(2, { reason: 'scheduled' })] });

    const [ready] = conditionsAfter(aLab({ record }), { phase: 'pending', tellings: [] }, after(5));

    expect(ready?.reason).toBe('scheduled');
  });

  const HELD_UP = {
    reason: 'registry_unreachable',
    message: 'No answer',
    remedy: 'Wait',
    who: 'operator',
  } as const;
  const pulling = (second: number) => ({ reason: 'pulling', message: 'Pulling image', at: after(second) });
  const fleeting = {
    reason: 'home_fleeting',
    message: 'Gone at its end',
    remedy: 'Keep it',
    who: 'operator',
  } as const;
  const told = aRecord({
    operation: progress({ last: 2 }),
    ledger: [entry(2, { ...HELD_UP, at: after(3) })],
  });

  it.each([
    [
      'what holds it up, told with older words about its pod',
      aRecord(),
      [HELD_UP, pulling(2)],
      HELD_UP.reason,
    ],
    ['what holds it up, told before older words about its pod', told, [pulling(2)], HELD_UP.reason],
    ['that it goes on, told after what held it up', told, [pulling(4)], 'pulling'],
    ['how far it is, whatever is told at each beginning', aRecord(), [fleeting, pulling(2)], 'pulling'],
  ])('say %s', (_what, record, tellings, reason) => {
    const conditions = conditionsAfter(aLab({ record }), { phase: 'pending', tellings }, after(5));

    expect(conditions.map((condition) => condition.reason)).toEqual([reason, reason, reason]);
  });

  it('change their time only with their truth', () => {
    const [ready, progressing] = conditionsAfter(having(PENDING, 5), COMPLETE, after(9));
    const [still] = conditionsAfter(having(COMPLETE, 9), COMPLETE, after(20));

    expect([ready?.lastTransitionTime, progressing?.lastTransitionTime]).toEqual([after(9), after(9)]);
    expect(still?.lastTransitionTime).toBe(after(9));
  });

  it('keep the failure’s words when its remains are cleared away', () => {
    const lab = { ...having(FAILED), wish: stopWish(), generation: 2 };

    expect(conditionsAfter(lab, STOPPED, after(9))[2]).toMatchObject({
      reason: 'image_missing',
      lastTransitionTime: after(5),
      observedGeneration: 2,
    });
  });

  it('cut long messages', () => {
    const tellings = [{ reason: 'long', message: 'é'.repeat(2000) }];

    const [ready] = conditionsAfter(aLab(), { phase: 'pending', tellings }, after(5));

    expect(Buffer.byteLength(JSON.stringify(ready?.message))).toBeLessThan(512);
  });
});
