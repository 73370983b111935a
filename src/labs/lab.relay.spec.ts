import { describe, expect, it } from 'vitest';
import { instant } from '../common/units.js';
import type { PodEvent } from '../kubernetes/index.js';
import { isNoise, relayed } from './lab.relay.js';

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
});
