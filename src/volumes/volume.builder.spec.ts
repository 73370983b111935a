import { describe, expect, it } from 'vitest';

import { podMount, podVolume, volumeClaim } from './index.js';
import type { ConfiguredVolume } from './index.js';

const names = { volume: 'in-the-pod', claim: 'the-claim' };

const hostPath: ConfiguredVolume = { name: 'data', source: { type: 'hostPath', path: '/data' } };
const nfs: ConfiguredVolume = {
  name: 'home',
  source: { type: 'nfs', server: '10.0.0.1', serverPath: '/home', readOnly: false },
};
const claimed: ConfiguredVolume = {
  name: 'scratch',
  source: {
    type: 'persistentVolumeClaim',
    accessModes: ['ReadWriteMany'],
    storageClassName: 'fast',
    resources: { requests: { storage: '10Gi' } },
    readOnly: true,
  },
};

describe('podVolume', () => {
  it('passes a host path on', () => {
    expect(podVolume(hostPath, names)).toEqual({ name: 'in-the-pod', hostPath: { path: '/data' } });
  });

  it('says of NFS and claims whether they are read-only', () => {
    expect(podVolume(nfs, names)).toEqual({
      name: 'in-the-pod',
      nfs: { server: '10.0.0.1', path: '/home', readOnly: false },
    });
    expect(podVolume(claimed, names)).toEqual({
      name: 'in-the-pod',
      persistentVolumeClaim: { claimName: 'the-claim', readOnly: true },
    });
  });
});

describe('podMount', () => {
  it('keeps sub-path and read-only flag', () => {
    const mount = { containerPath: '/scratch', volumeName: 'scratch', subPath: 'labs', readOnly: true };

    expect(podMount(mount, 'in-the-pod')).toEqual({
      name: 'in-the-pod',
      mountPath: '/scratch',
      subPath: 'labs',
      readOnly: true,
    });
  });

  it('writes the flag even when it is off, and no sub-path where none is', () => {
    const mount = { containerPath: '/scratch', volumeName: 'scratch', readOnly: false };

    expect(podMount(mount, 'scratch')).toEqual({ name: 'scratch', mountPath: '/scratch', readOnly: false });
  });
});

describe('volumeClaim', () => {
  it('asks for what the configuration says', () => {
    const metadata = { name: 'the-claim', namespace: 'userlabs-rachel' };

    expect(volumeClaim(claimed, metadata)).toEqual({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata,
      spec: {
        accessModes: ['ReadWriteMany'],
        storageClassName: 'fast',
        resources: { requests: { storage: '10Gi' } },
      },
    });
  });

  it('makes none for volumes that need none', () => {
    expect(volumeClaim(hostPath, {})).toBeUndefined();
    expect(volumeClaim(nfs, {})).toBeUndefined();
  });
});
