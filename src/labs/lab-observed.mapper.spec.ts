import type { V1Pod } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';

import { podOf } from './lab-observed.mapper.js';

const podWith = (restartPolicy: string, exitCode: number): V1Pod =>
  JSON.parse(
    JSON.stringify({
      metadata: { name: 'rachel-nb', namespace: 'userlabs-rachel' },
      spec: { restartPolicy, containers: [{ name: 'mesh' }, { name: 'notebook' }] },
      status: {
        phase: 'Running',
        containerStatuses: [
          { name: 'mesh', state: { running: {} } },
          { name: 'notebook', state: { terminated: { exitCode } } },
        ],
      },
    }),
  ) as V1Pod;

describe('a pod beside whose notebook a container runs that somebody added', () => {
  it.each([
    ['OnFailure', 0, true],
    ['OnFailure', 1, false],
    ['Never', 1, true],
    ['Always', 0, false],
  ])('restarted %s, its notebook ended with %d: over is %s', (restartPolicy, exitCode, over) => {
    expect(podOf(podWith(restartPolicy, exitCode)).over).toBe(over);
  });
});

describe('the condition DisruptionTarget of a pod', () => {
  const words = { reason: 'DeletionByPodGC', message: 'PodGC: node no longer exists' };
  const podThatIs = (status: string): V1Pod =>
    JSON.parse(
      JSON.stringify({ status: { conditions: [{ type: 'DisruptionTarget', status, ...words }] } }),
    ) as V1Pod;

  it('is who ends it, in their words', () => {
    expect(podOf(podThatIs('True')).disruption).toEqual(words);
  });

  it('is nobody while it does not hold', () => {
    expect(podOf(podThatIs('False')).disruption).toBeUndefined();
  });
});
