import { describe, expect, it } from 'vitest';

import { someSettings } from '../../../test/gen/index.js';
import { podSecurityLevel } from './index.js';
import type { PodSecurity } from './index.js';

const hostPath = { name: 'data', source: { type: 'hostPath', path: '/data' } };
const nfs = { name: 'home', source: { type: 'nfs', server: 'nfs', serverPath: '/home' } };
const claim = {
  name: 'home',
  source: {
    type: 'persistentVolumeClaim',
    accessModes: ['ReadWriteMany'],
    storageClassName: 'fast',
    resources: { requests: { storage: '1Gi' } },
  },
};
const strict = { volumes: [claim] };
const image = { repository: 'setup', tag: '1' };
const levelOf = (lab: object, podSecurity = 'auto'): PodSecurity =>
  podSecurityLevel(someSettings({ lab: { ...strict, ...lab }, berth: { podSecurity } }));

describe('podSecurityLevel', () => {
  it('is restricted where nothing stands against it', () => {
    expect(levelOf({ initContainers: [{ name: 'setup', image }] })).toEqual({
      level: 'restricted',
      loweredBy: [],
      refusesLabs: false,
    });
  });

  it.each([
    ['baseline', 'home is an NFS volume', { volumes: [nfs] }],
    ['privileged', 'data is a hostPath', { volumes: [claim, hostPath] }],
    ['privileged', 'standardInithome', { standardInithome: true }],
    ['privileged', 'setup is privileged', { initContainers: [{ name: 'setup', image, privileged: true }] }],
    [
      'privileged',
      'is unconfined',
      { extraAnnotations: { 'container.apparmor.security.beta.kubernetes.io/notebook': 'unconfined' } },
    ],
  ])('is lowered to %s because %s', (level, because, lab) => {
    const security = levelOf(lab);

    expect(security).toMatchObject({ level, refusesLabs: false });
    expect(security.loweredBy).toHaveLength(1);
    expect(security.loweredBy[0]).toContain(because);
  });

  it('takes the laxest that anything needs, and names all of it', () => {
    const security = levelOf({ volumes: [nfs, hostPath], standardInithome: true });

    expect(security.level).toBe('privileged');
    expect(security.loweredBy).toHaveLength(3);
  });

  it('obeys an operator who wants less', () => {
    expect(levelOf({}, 'privileged')).toEqual({
      level: 'privileged',
      loweredBy: ['berth.podSecurity is privileged'],
      refusesLabs: false,
    });
  });

  it('says that labs will be refused when the operator wants more than they meet', () => {
    const security = levelOf({ volumes: [claim, hostPath] }, 'restricted');

    expect(security).toMatchObject({ level: 'restricted', refusesLabs: true });
    expect(security.loweredBy[0]).toContain('data is a hostPath');
  });
});
