import { bytes, milliCpu } from '../../src/common/units.js';
import type { LabBuildInput } from '../../src/labs/objects/index.js';
import { aBuildInput, aRequest } from './build-input.gen.js';
import { aLab } from './lab.gen.js';
import { someSettings } from './settings.gen.js';

const claim = (storage: string) => ({
  type: 'persistentVolumeClaim',
  accessModes: ['ReadWriteMany'],
  storageClassName: 'sdf-home',
  resources: { requests: { storage } },
});

const LAB = {
  application: 'nublado-users',
  activityInterval: '30m',
  env: {
    API_ROUTE: '/api',
    HUB_ROUTE: '/nb/hub',
    NO_ACTIVITY_TIMEOUT: '432000',
    DAF_BUTLER_REPOSITORIES: '',
  },
  files: {
    '/etc/dask/dashboard.yaml':
      'distributed:\n  dashboard:\n    link: "{JUPYTERHUB_PUBLIC_URL}proxy/{port}/status"\n',
    '/opt/lsst/software/jupyterlab/lsst_dask.yml': '# Nothing yet.\n',
  },
  secrets: [
    {
      secretName: 'nublado-lab-secret',
      secretKey: 'butler-secret',
      path: '/opt/lsst/software/jupyterlab/butler-secret',
    },
    { secretName: 'extra-secret', secretKey: 'database', env: 'DATABASE_URL' },
  ],
  pullSecret: 'registry-pull',
  volumes: [
    { name: 'home', source: { type: 'nfs', server: '10.13.105.122', serverPath: '/share1/home' } },
    {
      name: 'project',
      source: { type: 'nfs', server: '10.13.105.122', serverPath: '/share1/project', readOnly: true },
    },
    { name: 'scratch', source: claim('10Gi') },
    { name: 'temporary', source: claim('1Gi') },
    { name: 'datasets', source: { type: 'hostPath', path: '/srv/datasets' } },
  ],
  volumeMounts: [
    { containerPath: '/home', volumeName: 'home' },
    { containerPath: '/project', volumeName: 'project', readOnly: true },
    { containerPath: '/scratch', volumeName: 'scratch' },
    { containerPath: '/deleted-sundays', volumeName: 'scratch', subPath: 'weekly' },
    { containerPath: '/temporary', volumeName: 'temporary' },
  ],
  initContainers: [
    {
      name: 'inithome',
      image: { repository: 'registry.example.org/platform/inithome', tag: '4.0' },
      privileged: true,
      volumeMounts: [{ containerPath: '/home', volumeName: 'home' }],
    },
    {
      name: 'user-setup',
      image: { repository: 'registry.example.org/platform/setup', tag: '1.0', pullPolicy: 'Always' },
      command: ['/bin/setup', '--quiet'],
      volumeMounts: [{ containerPath: '/datasets', volumeName: 'datasets', readOnly: true }],
    },
  ],
  nss: {
    basePasswd: 'root:x:0:0:root:/root:/bin/bash\nbin:x:1:1:bin:/bin:/sbin/nologin\n',
    baseGroup: 'root:x:0:\nbin:x:1:\n',
  },
  namespaceAnnotations: { 'example.org/ids': '{{uid}}:{{gid}}' },
  extraAnnotations: { 'k8s.v1.cni.cncf.io/networks': 'kube-system/dds' },
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: 'disktype', operator: 'In', values: ['ssd'] }] }],
      },
    },
  },
  nodeSelector: { pool: 'labs' },
  tolerations: [{ key: 'dedicated', operator: 'Equal', value: 'labs', effect: 'NoSchedule' }],
};

/**
 * The situation of contract 5.11, `lab.json`: rachel with a quota of 9 CPU and 27 GiB, a small lab, and nearly
 * everything that a configuration may hold.
 */
export function rachelsLab(): LabBuildInput {
  return aBuildInput({
    lab: aLab({ quota: { cpu: milliCpu(9000), memory: bytes(27 * 1024 ** 3) } }),
    request: aRequest({
      env: { JUPYTERHUB_API_TOKEN: 'a-token-of-the-hub', JPY_API_TOKEN: 'a-token-of-the-hub' },
    }),
    settings: someSettings({ lab: LAB }),
    secrets: new Map([
      [
        'nublado-lab-secret',
        { type: 'Opaque', data: { 'butler-secret': 'c2VjcmV0', other: 'bm90IGZvciBsYWJz' } },
      ],
      ['extra-secret', { type: 'Opaque', data: { database: 'cG9zdGdyZXM6Ly94' } }],
      [
        'registry-pull',
        { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': 'eyJhdXRocyI6e319' } },
      ],
    ]),
  });
}
