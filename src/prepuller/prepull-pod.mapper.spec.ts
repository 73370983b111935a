import type { V1ContainerState, V1Pod, V1PodStatus } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import type { Plain } from '../common/plain.js';
import { instant, millis } from '../common/units.js';
import { isOurPull, pullOf } from './prepull-pod.mapper.js';

const REFERENCE = 'r.example.org/lab:w_1@sha256:1234';
const AT = '2026-11-21T18:00:10Z';

/** A pod with the container in `state`; the rest of its status as given. */
function aPod(state: object, status: Partial<Plain<V1PodStatus>> = {}, imageID = ''): V1Pod {
  const container = { name: 'prepull', state: state as V1ContainerState, imageID };
  const pod: unknown = {
    metadata: { name: 'p', uid: 'u', creationTimestamp: '2026-11-21T18:00:00Z' },
    spec: { nodeName: 'n', containers: [{ name: 'prepull', image: REFERENCE }] },
    status: { startTime: '2026-11-21T18:00:01Z', containerStatuses: [container], ...status },
  };
  return pod as V1Pod;
}

describe('pullOf', () => {
  it('takes a container that ended as proof, and the time until it began as that of the pull', () => {
    const ended = { terminated: { exitCode: 0, startedAt: '2026-11-21T18:00:09Z', finishedAt: AT } };

    const pull = pullOf(aPod(ended, { phase: 'Succeeded' }, 'r.example.org/lab@sha256:1234'));

    expect(pull).toMatchObject({ name: 'p', node: 'n', digest: 'sha256:1234', reference: REFERENCE });
    expect(pull.end).toEqual({ kind: 'proven', at: instant(Date.parse(AT)), took: millis(8000) });
  });

  it('takes an image without /bin/true as pulled: it is on the node', () => {
    const startedAt = '1970-01-01T00:00:00Z';
    const ended = { terminated: { exitCode: 128, reason: 'StartError', startedAt, finishedAt: AT } };

    expect(pullOf(aPod(ended, { phase: 'Failed' }, 'r.example.org/lab@sha256:1234')).end).toEqual({
      kind: 'proven',
      at: instant(Date.parse(AT)),
      took: undefined,
    });
  });

  it.each([
    [{}, {}, undefined],
    [{ waiting: { reason: 'ContainerCreating' } }, {}, undefined],
    [{ running: { startedAt: AT } }, {}, undefined],
    [{ waiting: { reason: 'ErrImagePull', message: 'x: not found' } }, {}, 'image_missing'],
    [{ waiting: { reason: 'ImagePullBackOff', message: 'no space left on device' } }, {}, 'disk_full'],
    [{ waiting: { reason: 'InvalidImageName', message: 'x' } }, {}, 'image_invalid'],
    [{ waiting: { reason: 'CreateContainerError', message: 'x' } }, {}, 'pull_failed'],
    [{}, { phase: 'Failed', reason: 'OutOfpods', message: 'x' }, 'node_full'],
    [{}, { phase: 'Failed', reason: 'Evicted', message: 'low on resource: ephemeral-storage' }, 'disk_full'],
  ])('reads container %j of pod %j as %s', (state, status, reason) => {
    const { end } = pullOf(aPod(state, status));

    expect(end?.kind === 'failed' ? end.reason : end).toBe(reason);
  });

  it('shows no credentials of the words it passes on', () => {
    const message = 'Get "https://robot:hunter2@r.example.org/v2/": Bearer abc.def refused';

    const { end } = pullOf(aPod({ waiting: { reason: 'ErrImagePull', message } }));

    expect(JSON.stringify(end)).not.toMatch(/hunter2|abc\.def/);
  });

  it('reads an object without anything in it', () => {
    const nothing: unknown = {};

    expect(pullOf(nothing as V1Pod)).toMatchObject({ name: '', digest: '', end: undefined });
  });
});

describe('isOurPull', () => {
  it.each([
    [{ 'nublado.lsst.io/category': 'prepuller', 'berth.dev/instance': 'berth' }, true],
    [{ 'nublado.lsst.io/category': 'prepuller', 'berth.dev/instance': 'other' }, false],
    [{ 'nublado.lsst.io/category': 'prepuller' }, false],
    [{}, false],
  ])('answers for labels %j: %s', (labels, expected) => {
    const pod: unknown = { metadata: { labels } };

    expect(isOurPull(pod as V1Pod, 'berth')).toBe(expected);
  });
});
