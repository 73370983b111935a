import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pullError } from '../../simulator/actors/kubelet/words.js';
import { podFailureOf, pullFailureOf } from './pull-failure.policy.js';

const IMAGE = 'registry.example.org/science/lab:w_1@sha256:1234';

describe('pullFailureOf', () => {
  it.each([
    ['pullDenied', 'pull_denied'],
    ['imageMissing', 'image_missing'],
    ['diskFull', 'disk_full'],
    ['registryUnreachable', 'registry_unreachable'],
  ] as const)('reads what containerd says about %s', (failure, reason) => {
    expect(pullFailureOf('ErrImagePull', pullError(failure, IMAGE) ?? '')).toBe(reason);
    expect(pullFailureOf('ImagePullBackOff', `Back-off: ${pullError(failure, IMAGE) ?? ''}`)).toBe(reason);
  });

  it.each([
    ['unexpected status code 403 Forbidden', 'pull_denied'],
    ['unexpected status from HEAD request: 401 Unauthorized', 'pull_denied'],
    ['toomanyrequests: You have reached your unauthenticated pull rate limit', 'rate_limited'],
    ['unexpected status code https://r/v2/x: 429 Too Many Requests', 'rate_limited'],
    [
      'unexpected status from HEAD request to https://r/v2/x: 503 Service Unavailable',
      'registry_unreachable',
    ],
    ['dial tcp 10.0.0.1:443: i/o timeout', 'registry_unreachable'],
    ['dial tcp 10.0.0.1:443: connect: connection refused', 'registry_unreachable'],
    [
      'tls: failed to verify certificate: x509: certificate signed by unknown authority',
      'registry_unreachable',
    ],
    ['failed to do request: Get "https://r/v2/x": EOF', 'registry_unreachable'],
    ['no match for platform in manifest: not found', 'image_missing'],
    ['manifest unknown: manifest unknown', 'image_missing'],
    ['failed to extract layer: write /x: no space left on device', 'disk_full'],
    ['failed to pull: disk quota exceeded', 'disk_full'],
    ['something that nobody has seen before', 'pull_failed'],
  ] as const)('reads "%s" as %s', (message, reason) => {
    expect(pullFailureOf('ErrImagePull', message)).toBe(reason);
  });

  it('takes no digit of a digest for a status', () => {
    expect(pullFailureOf('ErrImagePull', 'sha256:401403429503abcd broke')).toBe('pull_failed');
  });

  it('answers something for any words', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (reason, message) => {
        expect(pullFailureOf(reason, message)).toMatch(/^[a-z_]+$/);
      }),
    );
  });
});

describe('podFailureOf', () => {
  it.each([
    [
      'OutOfpods',
      'Node didn’t have enough resource: pods, requested: 1, used: 110, capacity: 110',
      'node_full',
    ],
    ['OutOfcpu', 'Node didn’t have enough resource: cpu', 'node_full'],
    ['Evicted', 'The node was low on resource: ephemeral-storage.', 'disk_full'],
    ['Evicted', 'The node had condition: [DiskPressure]. ', 'disk_full'],
    ['DeadlineExceeded', 'Pod was active too long', 'pull_failed'],
  ] as const)('reads a pod that failed as %s', (reason, message, failure) => {
    expect(podFailureOf(reason, message)).toBe(failure);
  });
});
