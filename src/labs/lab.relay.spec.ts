import { describe, expect, it } from 'vitest';
import { instant } from '../common/units.js';
import type { PodEvent } from '../kubernetes/index.js';
import { aNamespace, aPod, adoptWish, aLab, observed } from '../../test/gen/observed.js';
import { isNoise, isOfOperation, relayed } from './lab.relay.js';

const anEvent = (fields: Partial<PodEvent>): PodEvent => ({
  namespace: 'userlabs-rachel',
  podName: 'rachel-nb',
  podUid: 'pod-uid',
  uid: 'event-uid',
  resourceVersion: '7',
  type: 'Normal',
  reason: 'Pulling',
  message: 'Pulling image "lab"',
  count: 1,
  at: instant(1_000),
  component: 'kubelet',
  ...fields,
});

describe('relayed pod events', () => {
  it('keep the message and spell the reason as we do', () => {
    const telling = relayed(anEvent({ reason: 'FailedScheduling', type: 'Warning', message: 'no room' }));

    expect(telling).toMatchObject({ reason: 'failed_scheduling', message: 'no room', severity: 'warning' });
  });

  it('lose what looks like a secret', () => {
    expect(relayed(anEvent({ message: 'DB_PASSWORD=hunter2 refused' })).message).not.toContain('hunter2');
  });

  it('are not told while our own probe finds the lab merely starting', () => {
    expect(isNoise(anEvent({ reason: 'Unhealthy', fieldPath: 'spec.containers{notebook}' }))).toBe(true);
    expect(isNoise(anEvent({ reason: 'Unhealthy', fieldPath: 'spec.containers{sidecar}' }))).toBe(false);
    expect(isNoise(anEvent({ reason: 'BackOff', fieldPath: 'spec.containers{notebook}' }))).toBe(false);
  });

  it('belong to an operation only if they are of its own pod', () => {
    const own = observed({ namespace: aNamespace(), pod: aPod({ uid: 'new' }) });
    const stray = observed({ namespace: aNamespace(), pod: aPod({ uid: 'old', operation: 'earlieraaa' }) });
    const remains = observed({ namespace: aNamespace({ owner: 'remains' }) });
    const going = observed({ namespace: aNamespace({ terminating: true }) });
    const adopted = observed({
      lab: aLab({ wish: adoptWish() }),
      namespace: aNamespace({ owner: 'nublado' }),
    });

    expect([own, adopted].map((seen) => isOfOperation(seen, 'new'))).toEqual([true, true]);
    expect(isOfOperation(observed({ namespace: aNamespace() }), 'not seen yet')).toBe(true);
    expect([stray, remains, going, observed({})].map((seen) => isOfOperation(seen, 'old'))).toEqual(
      Array(4).fill(false),
    );
  });
});
