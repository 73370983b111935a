import { describe, expect, it } from 'vitest';

import { fileSettings } from '../../../test/support/file-room.js';
import { expectGolden } from '../../../test/support/golden.js';
import { instant } from '../../common/units.js';
import type { Settings } from '../../config/index.js';
import type { FileServer } from '../fileserver.js';
import { buildClaims, buildFsadminClaims, buildFsadminPod, buildKey, buildPart } from './index.js';
import type { ServerBuildInput } from './index.js';

const volumes = [
  { name: 'home', source: { type: 'nfs', server: '10.13.105.122', serverPath: '/share1/home' } },
  { name: 'project', source: { type: 'nfs', server: '10.13.105.122', serverPath: '/share1/project' } },
  {
    name: 'scratch',
    source: {
      type: 'persistentVolumeClaim',
      accessModes: ['ReadWriteMany'],
      storageClassName: 'fast',
      resources: { requests: { storage: '10Gi' } },
    },
  },
];
const server: Pick<FileServer, 'name' | 'uid' | 'wish'> = {
  name: 'rachel',
  uid: '0b6d3e53-3a52-4a58-8c3a-30c1a5f0c001',
  wish: {
    owner: {
      username: 'rachel',
      name: 'Rachel',
      uid: 1101,
      gid: 1101,
      groups: [
        { name: 'rachel', id: 1101 },
        { name: 'lunatics', id: 2028 },
      ],
    },
    desiredState: 'running',
    operation: { id: 'abcdefghij', kind: 'start', acceptedAt: instant(0) },
  },
};

function inputOf(settings: Settings, parts: Partial<ServerBuildInput> = {}): ServerBuildInput {
  const { fileserver, berth, lab, utilityImage, externalInstanceUrl } = settings;
  if (!fileserver.enabled) throw new Error('disabled');
  return {
    server,
    instance: 'nublado',
    files: fileserver,
    publishing: berth.fileservers,
    volumes: lab.volumes,
    image: utilityImage,
    baseUrl: externalInstanceUrl,
    verifyUrl: undefined,
    ...parts,
  };
}

const allOf = (input: ServerBuildInput, key?: string): readonly object[] =>
  [
    ...buildClaims(input),
    ...(key === undefined ? [] : [buildKey(input, key)]),
    buildPart(input, 'route'),
    buildPart(input, 'service'),
    buildPart(input, 'job'),
  ].map(({ object }) => object);

describe('the objects of a file server', () => {
  it('are as the contract says, behind Gafaelfawr', () => {
    const settings = fileSettings(
      {
        application: 'nublado-fileservers',
        extraAnnotations: { 'example.org/kind': 'files' },
        resources: { limits: { cpu: 1, memory: '1Gi' }, requests: { cpu: 0.1, memory: '128Mi' } },
        nodeSelector: { 'example.org/pool': 'files' },
        tolerations: [{ operator: 'Exists' }],
        volumeMounts: [
          { containerPath: '/home', volumeName: 'home' },
          { containerPath: '/scratch', volumeName: 'scratch', subPath: 'users' },
        ],
      },
      {},
      { volumes },
    );

    expectGolden('fileservers/gafaelfawr', allOf(inputOf(settings)));
  });

  it('are an Ingress and a key where servers ask for themselves', () => {
    const settings = fileSettings(
      {},
      {
        publish: 'ingress',
        verifyUrl: 'http://berth.nublado:80/nublado',
        ingress: {
          className: 'nginx',
          tlsSecret: 'certificate',
          annotations: { 'nginx.ingress.kubernetes.io/proxy-body-size': '0' },
        },
      },
    );
    const verifyUrl = 'http://berth.nublado:80/nublado/fileserver/v1/verify';

    expectGolden('fileservers/ingress', allOf(inputOf(settings, { verifyUrl }), 'uid.key'));
  });

  it('are a route of a gateway', () => {
    const gateway = { name: 'public', namespace: 'gateways', sectionName: 'https' };
    const settings = fileSettings(
      {},
      { publish: 'httproute', verifyUrl: 'http://berth.nublado/nublado', gateway },
    );
    const verifyUrl = 'http://berth.nublado/nublado/fileserver/v1/verify';

    expectGolden('fileservers/httproute', allOf(inputOf(settings, { verifyUrl }), 'uid.key'));
  });

  it('serve every host where the instance has only an address', () => {
    const input = inputOf(fileSettings({}, { publish: 'ingress', verifyUrl: 'http://berth/nublado' }), {
      baseUrl: 'http://127.0.0.1:8080',
    });

    expect(JSON.stringify(buildPart(input, 'route').object)).not.toContain('host');
  });
});

describe('the administrators’ pod', () => {
  it('mounts writable what labs mount, below its prefix, and changes nothing of theirs', () => {
    const lab = {
      volumes,
      volumeMounts: [
        { containerPath: '/home', volumeName: 'home' },
        { containerPath: '/project', volumeName: 'project', readOnly: true },
        { containerPath: '/scratch', volumeName: 'scratch' },
      ],
    };
    const settings = fileSettings({}, {}, lab);
    const before = JSON.stringify(settings.lab);
    const input = {
      namespace: 'nublado',
      fsadmin: { ...settings.fsadmin, mountPrefix: '/user-filesystems' },
      lab: settings.lab,
      image: settings.utilityImage,
    };

    expectGolden('fileservers/fsadmin', [...buildFsadminClaims(input), buildFsadminPod(input)]);
    expect(JSON.stringify(settings.lab)).toBe(before);
  });
});
