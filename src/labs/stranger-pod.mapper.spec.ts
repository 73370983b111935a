import { describe, expect, it } from 'vitest';

import { isLabPod, whoseIs } from './stranger-pod.mapper.js';

const aPod = (metadata: object): Parameters<typeof whoseIs>[0] => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata,
});

describe('a pod that is in the way', () => {
  it('is named by what controls it, its labels and its age', () => {
    const ownerReferences = [
      { apiVersion: 'v1', kind: 'Node', name: 'n', uid: 'a' },
      { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-5d', uid: 'b', controller: true },
    ];
    const labels = { app: 'web', tier: 'front', track: 'canary', team: 'sea', last: 'unseen' };

    const words = whoseIs(
      aPod({ ownerReferences, labels, creationTimestamp: '2026-11-22T01:02:03Z' as unknown as Date }),
    );

    expect(words).toBe(
      'it belongs to ReplicaSet web-5d; labels app=web, tier=front, track=canary, team=sea; created 2026-11-22T01:02:03.000Z',
    );
  });

  it('that says nothing of itself is told so', () => {
    expect(whoseIs(aPod({ name: 'x' }))).toBe('it names no owner; no labels');
  });

  it('is no lab without the category of labs', () => {
    expect(isLabPod(aPod({ labels: { 'nublado.lsst.io/category': 'fileserver' } }))).toBe(false);
    expect(isLabPod(aPod({ labels: { 'nublado.lsst.io/category': 'lab' } }))).toBe(true);
  });
});
