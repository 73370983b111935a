import { describe, expect, it } from 'vitest';
import { someImage } from '../../test/support/prepull-runtime.js';
import { expectGolden } from '../../test/support/golden.js';
import { buildPrepullPod } from './prepull-pod.builder.js';
import { wantedOf } from './prepull.mapper.js';

const IMAGE = wantedOf(someImage('lab'));
const BARE = { namespace: 'nublado', pullSecret: undefined, tolerations: [], owner: undefined };
const OWNER = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'berth', uid: 'd-1' };

describe('buildPrepullPod', () => {
  it('makes the pod of the contract, walled off as the strictest Pod Security level asks', () => {
    const tolerations = [{ key: 'labs', operator: 'Exists', effect: 'NoSchedule' }];
    const settings = { namespace: 'nublado', pullSecret: 'pull-secret', tolerations, owner: OWNER };

    expectGolden('prepuller/pod', buildPrepullPod(IMAGE, 'node2', settings));
  });

  it('leaves out owner and pull secret where there are none, and sends an empty list of tolerations', () => {
    const { metadata, spec } = buildPrepullPod(IMAGE, 'node2', BARE);

    expect(metadata).not.toHaveProperty('ownerReferences');
    expect(spec).not.toHaveProperty('imagePullSecrets');
    expect(spec?.tolerations).toEqual([]);
  });
});
