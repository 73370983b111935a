import { describe, expect, it } from 'vitest';
import { classesToJudge, fleetingFiles } from './index.js';
import type { LabStorage } from './index.js';

const claim = (name: string, storageClassName: string, readOnly = false): LabStorage['volumes'][number] => ({
  name,
  source: {
    type: 'persistentVolumeClaim',
    accessModes: ['ReadWriteMany'],
    storageClassName,
    resources: { requests: { storage: '1Gi' } },
    readOnly,
  },
});
const mount = (volumeName: string, containerPath: string, readOnly = false) => ({
  volumeName,
  containerPath,
  readOnly,
});
const nfs: LabStorage['volumes'][number] = {
  name: 'home',
  source: { type: 'nfs', server: 's', serverPath: '/home', readOnly: false },
};
const storage = (changes: Partial<LabStorage> = {}): LabStorage => ({
  volumes: [nfs],
  volumeMounts: [mount('home', '/home')],
  initContainers: [],
  homedirPrefix: '/home',
  ...changes,
});
const policies = new Map([
  ['fast', 'Delete'],
  ['safe', 'Retain'],
]);

describe('what labs write and lose', () => {
  it('is nothing where homes are elsewhere and claims are retained', () => {
    const lab = storage({
      volumes: [nfs, claim('data', 'safe')],
      volumeMounts: [mount('home', '/home'), mount('data', '/data')],
    });

    expect(fleetingFiles(lab, policies)).toEqual([]);
  });

  it('is a claim whose class reclaims by Delete, named with its sentence', () => {
    const lab = storage({
      volumes: [nfs, claim('data', 'fast')],
      volumeMounts: [mount('home', '/home'), mount('data', '/data')],
    });

    expect(fleetingFiles(lab, policies)).toEqual([
      {
        volume: 'data',
        isHome: false,
        sentence:
          'The content of volume data is destroyed whenever the lab stops: storage class fast reclaims by Delete',
      },
    ]);
  });

  it.each([
    ['it is mounted where homes are', '/home', [mount('home', '/home')]],
    ['homes are deeper in it', '/home/users', [mount('home', '/home')]],
    ['it is mounted there with a needless slash', '/home', [mount('home', '/home/')]],
    ['it is mounted there with a slash too many', '/home', [mount('home', '//home')]],
    ['homes are deeper in it, with slashes too many', '//home//users', [mount('home', '/home')]],
    ['it is the innermost of two', '/home/users', [mount('other', '/home'), mount('home', '/home/users')]],
  ])('is the home, if %s', (_why, homedirPrefix, volumeMounts) => {
    const lab = storage({
      volumes: [claim('home', 'fast'), claim('other', 'safe')],
      volumeMounts,
      homedirPrefix,
    });

    expect(fleetingFiles(lab, policies)).toMatchObject([{ volume: 'home', isHome: true }]);
  });

  it('is the home that no volume holds', () => {
    const lab = storage({ volumeMounts: [mount('home', '/homes')] });

    expect(fleetingFiles(lab, policies)).toMatchObject([{ volume: undefined, isHome: true }]);
  });

  it('is not what can only be read, or is mounted nowhere, or is of no class, or of one that nobody knows', () => {
    const volumes = [
      nfs,
      claim('a', 'fast', true),
      claim('b', 'fast'),
      claim('c', 'fast'),
      claim('d', 'odd'),
      claim('e', ''),
    ];
    const volumeMounts = [
      mount('home', '/home'),
      mount('a', '/a'),
      mount('b', '/b', true),
      mount('d', '/d'),
      mount('e', '/e'),
    ];

    expect(fleetingFiles(storage({ volumes, volumeMounts }), policies)).toEqual([]);
    expect(classesToJudge(storage({ volumes, volumeMounts }))).toEqual(['odd']);
  });
});
