import { describe, expect, it } from 'vitest';

import { ACCEPTED, aContainer, aLab, aNamespace, aPod, after, stopWish } from '../../test/gen/observed.js';
import { seconds } from '../common/units.js';
import type { NamespaceFacts } from './lab-observed.mapper.js';
import { decideOrphan, isOutlived } from './lab.adoption.policy.js';
import { LAB_FINALIZER } from './lab.marks.js';
import type { OrphanPlace } from './lab.adoption.policy.js';

const facts = (changes: Partial<NamespaceFacts> = {}): NamespaceFacts => ({
  name: 'userlabs-rachel',
  uid: 'uid',
  resourceVersion: '1',
  createdAt: ACCEPTED,
  terminating: false,
  labels: {},
  annotations: {},
  category: 'lab',
  user: 'rachel',
  ...changes,
});
const running = aPod({ notebook: aContainer({ state: 'running' }) });
const over = aPod({ over: true });
const ours = { instance: 'berth' };

describe('a namespace without a lab that lives', () => {
  it.each<[string, OrphanPlace, number, string, string]>([
    [
      'with a live notebook of ours is adopted',
      { namespace: facts(ours), pod: running },
      9999,
      'adopt',
      'running_without_record',
    ],
    [
      'with a pending notebook of ours is adopted',
      { namespace: facts(ours), pod: aPod() },
      9999,
      'adopt',
      'running_without_record',
    ],
    [
      'with a live notebook of a Nublado controller is adopted',
      { namespace: facts(), pod: running },
      9999,
      'adopt',
      'running_without_record',
    ],
    [
      'with an ended notebook of a Nublado controller is adopted, never removed',
      { namespace: facts(), pod: over },
      9999,
      'adopt',
      'ended_without_record',
    ],
    [
      'of a Nublado controller without a pod is left alone',
      { namespace: facts(), pod: undefined },
      9999,
      'leave',
      'incomplete',
    ],
    [
      'of another instance is left alone, whatever runs in it',
      { namespace: facts({ instance: 'other' }), pod: running },
      9999,
      'leave',
      'another_instance',
    ],
    [
      'that goes is left alone',
      { namespace: facts({ ...ours, terminating: true }), pod: undefined },
      9999,
      'leave',
      'namespace_terminating',
    ],
    [
      'that is nobody’s lab is left alone',
      { namespace: facts({ category: undefined }), pod: undefined },
      9999,
      'leave',
      'not_ours',
    ],
    [
      'of ours and young is left alone',
      { namespace: facts(ours), pod: undefined },
      599,
      'leave',
      'too_young',
    ],
    [
      'of ours, old and dead is removed',
      { namespace: facts(ours), pod: undefined },
      600,
      'remove',
      'remains_without_record',
    ],
    [
      'of ours with an ended notebook is removed',
      { namespace: facts(ours), pod: over },
      600,
      'remove',
      'remains_without_record',
    ],
  ])('%s', (...[, place, second, kind, reason]) => {
    const decision = decideOrphan(place, { instance: 'berth', spawnTimeout: seconds(600) }, after(second));

    expect(decision).toMatchObject({ kind, reason });
  });
});

describe('a stopped record in whose place a Nublado controller’s lab lives', () => {
  const stand = { namespace: aNamespace({ owner: 'nublado' }), pod: running } as const;

  it.each([
    ['is outlived', {}, true],
    ['also while it is let go of', { beingDeleted: true }, true],
    [
      'not once it is, and somebody else keeps it',
      { beingDeleted: true, finalizers: ['example.org/backup'] },
      false,
    ],
  ])('%s', (_what, changes, expected) => {
    const lab = aLab({ wish: stopWish(), finalizers: [LAB_FINALIZER], ...changes });

    expect(isOutlived({ lab, ...stand })).toBe(expected);
  });
});
