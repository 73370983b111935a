import { describe, expect, it } from 'vitest';

import { ACCEPTED, aPod, after } from '../../test/gen/observed.js';
import type { NamespaceFacts } from './lab-observed.mapper.js';
import { rivalEvidence, watchedFrom } from './lab.rival.policy.js';

const theirs: NamespaceFacts = {
  name: 'userlabs-rachel',
  uid: 'namespace-uid',
  resourceVersion: '1',
  createdAt: after(61),
  terminating: false,
  labels: {},
  annotations: {},
  category: 'lab',
  user: 'rachel',
};
const ours = { ...theirs, instance: 'berth', labUid: 'lab-uid', operation: 'spawnaaaaa' };
const unmarked = aPod({ operation: undefined, createdAt: after(61) });

describe('rivalEvidence', () => {
  it.each<[string, Parameters<typeof rivalEvidence>[0], string | undefined]>([
    [
      'a lab’s namespace that we did not make',
      { namespace: theirs, pod: undefined },
      'somebody else made the namespace userlabs-rachel',
    ],
    [
      'a lab’s pod that we did not make, in a namespace of ours',
      { namespace: ours, pod: unmarked },
      'somebody else made the pod rachel-nb in our namespace userlabs-rachel',
    ],
    [
      'nothing in a namespace that was there before',
      { namespace: { ...theirs, createdAt: after(60) }, pod: unmarked },
      undefined,
    ],
    [
      'nothing in one that is no lab’s',
      { namespace: { ...theirs, category: undefined }, pod: undefined },
      undefined,
    ],
    [
      'nothing in one that is going',
      { namespace: { ...theirs, terminating: true }, pod: undefined },
      undefined,
    ],
    [
      'nothing in one of another instance',
      { namespace: { ...ours, instance: 'other' }, pod: unmarked },
      undefined,
    ],
    ['nothing in our own work', { namespace: ours, pod: aPod({ createdAt: after(61) }) }, undefined],
    ['nothing in a pod that we adopted', { namespace: ours, pod: aPod({ operation: undefined }) }, undefined],
  ])('sees %s', (_what, place, evidence) => {
    expect(rivalEvidence(place, 'berth', watchedFrom(ACCEPTED))).toBe(evidence);
  });
});
