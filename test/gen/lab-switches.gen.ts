import type { ConfigPiece } from './settings.gen.js';

/** One concern of the configuration, and what it is compared with; by default the smallest file that loads. */
export interface LabSwitch {
  readonly lab?: ConfigPiece;
  readonly berth?: ConfigPiece;
  readonly environment?: Readonly<Record<string, string>>;
  /** The rest of the `lab` section on both sides of the comparison. */
  readonly beside?: ConfigPiece;
}

const HOME = { name: 'home', source: { type: 'nfs', server: '10.13.105.122', serverPath: '/share1/home' } };
const HOME_MOUNT = { containerPath: '/home', volumeName: 'home' };
const SPARE = { name: 'spare', source: { type: 'hostPath', path: '/srv/spare' } };
const CLAIM = {
  type: 'persistentVolumeClaim',
  accessModes: ['ReadWriteMany'],
  storageClassName: 'fast',
  resources: { requests: { storage: '10Gi' } },
};
const PREPARE = { name: 'prepare', image: { repository: 'registry.example.org/prepare', tag: '1.0' } };

const small = (limits: object, requests: object): ConfigPiece => ({
  sizes: [{ size: 'small', resources: { limits, requests } }],
});
const SMALL = [
  { cpu: 1, memory: '3Gi' },
  { cpu: 0.25, memory: '768Mi' },
] as const;
const volume = (source: ConfigPiece): ConfigPiece => ({ volumes: [HOME, { name: 'spare', source }] });
const mounted = (more: ConfigPiece = {}): ConfigPiece => ({
  volumeMounts: [HOME_MOUNT, { containerPath: '/spare', volumeName: 'spare', ...more }],
});
const container = (more: ConfigPiece = {}): ConfigPiece => ({ initContainers: [{ ...PREPARE, ...more }] });
const secret = (more: ConfigPiece): ConfigPiece => ({
  secrets: [{ secretName: 'lab-secret', secretKey: 'database', ...more }],
});
const containerMounts = (more: ConfigPiece = {}): ConfigPiece =>
  container({ volumeMounts: [{ containerPath: '/mnt/spare', volumeName: 'spare', ...more }] });

const term = { labelSelector: { matchLabels: { app: 'labs' } }, topologyKey: 'kubernetes.io/hostname' };
const expression = (operator: string, values?: string[]) => ({
  key: 'disk',
  operator,
  ...(values && { values }),
});
const affinity = (kind: string, rules: ConfigPiece): ConfigPiece => ({ affinity: { [kind]: rules } });
const required = (rule: unknown): ConfigPiece => ({ requiredDuringSchedulingIgnoredDuringExecution: rule });
const preferred = (rule: unknown): ConfigPiece => ({ preferredDuringSchedulingIgnoredDuringExecution: rule });
const toleration = (more: ConfigPiece): ConfigPiece => ({ tolerations: [more] });

const SIZES: Readonly<Record<string, LabSwitch>> = {
  'size-limit-cpu': { beside: small(...SMALL), lab: small({ ...SMALL[0], cpu: 2.5 }, SMALL[1]) },
  'size-limit-memory': { beside: small(...SMALL), lab: small({ ...SMALL[0], memory: '4Gi' }, SMALL[1]) },
  'size-request-cpu': { beside: small(...SMALL), lab: small(SMALL[0], { ...SMALL[1], cpu: 0.1 }) },
  'size-request-memory': { beside: small(...SMALL), lab: small(SMALL[0], { ...SMALL[1], memory: '1Gi' }) },
  'size-name': {
    beside: small(...SMALL),
    lab: { sizes: [{ size: 'colossal', resources: { limits: SMALL[0], requests: SMALL[1] } }] },
  },
  'size-of-the-generation-before': {
    beside: small(...SMALL),
    lab: { sizes: [{ size: 'small', cpu: 2, memory: '8Gi' }] },
  },
};

const CONTENT: Readonly<Record<string, LabSwitch>> = {
  application: { lab: { application: 'nublado-users' } },
  'namespace-prefix': { lab: { namespacePrefix: 'people' } },
  'namespace-annotations': { lab: { namespaceAnnotations: { 'example.org/ids': '{{uid}} in {{gid}}' } } },
  'extra-annotations': { lab: { extraAnnotations: { 'example.org/network': 'dds' } } },
  'activity-interval': { lab: { activityInterval: '30m' } },
  env: { lab: { env: { API_ROUTE: '/api', EMPTY: '' } } },
  'env-that-is-secret': { lab: { env: { SERVICE_PASSWORD: 'hunter2' } } },
  files: { lab: { files: { '/etc/dask/dashboard.yaml': 'distributed: {}\n' } } },
  'secret-in-the-directory': { lab: secret({}) },
  'secret-as-variable': { beside: secret({}), lab: secret({ env: 'DATABASE_URL' }) },
  'secret-as-file': { beside: secret({}), lab: secret({ path: '/opt/database' }) },
  'pull-secret': { lab: { pullSecret: 'registry-pull' } },
  'base-passwd': { lab: { nss: { basePasswd: 'root:x:0:0::/:/bin/sh\nbin:x:1:1::/:/bin/sh' } } },
  'base-group': { lab: { nss: { baseGroup: 'root:x:0:\nbin:x:1:\n' } } },
  'lab-start-command': { lab: { labStartCommand: ['/bin/start', "it's here", '--flag'] } },
  'jupyterlab-config-dir': { lab: { jupyterlabConfigDir: '/opt/jupyter' } },
  'runtime-mounts-dir': { lab: { runtimeMountsDir: '/opt/runtime' } },
  'homedir-prefix': { lab: { homedirPrefix: '/u/home/' } },
  'homedir-schema': { lab: { homedirSchema: 'initialThenUsername' } },
  'homedir-suffix': { lab: { homedirSuffix: '/jhome/' } },
};

const VOLUMES: Readonly<Record<string, LabSwitch>> = {
  'volume-host-path': { lab: { volumes: [HOME, SPARE] } },
  'volume-nfs': { lab: volume({ type: 'nfs', server: '10.0.0.1', serverPath: '/export' }) },
  'volume-nfs-read-only': {
    beside: volume({ type: 'nfs', server: '10.0.0.1', serverPath: '/export' }),
    lab: volume({ type: 'nfs', server: '10.0.0.1', serverPath: '/export', readOnly: true }),
  },
  'volume-claim': { lab: volume(CLAIM) },
  'volume-claim-access-modes': {
    beside: volume(CLAIM),
    lab: volume({ ...CLAIM, accessModes: ['ReadOnlyMany'] }),
  },
  'volume-claim-storage-class': {
    beside: volume(CLAIM),
    lab: volume({ ...CLAIM, storageClassName: 'slow' }),
  },
  'volume-claim-requests': {
    beside: volume(CLAIM),
    lab: volume({ ...CLAIM, resources: { requests: { storage: 1_073_741_824 } } }),
  },
  'volume-claim-read-only': { beside: volume(CLAIM), lab: volume({ ...CLAIM, readOnly: true }) },
  'volume-mount': { beside: { volumes: [HOME, SPARE] }, lab: mounted() },
  'volume-mount-sub-path': {
    beside: { volumes: [HOME, SPARE], ...mounted() },
    lab: mounted({ subPath: 'a/b' }),
  },
  'volume-mount-read-only': {
    beside: { volumes: [HOME, SPARE], ...mounted() },
    lab: mounted({ readOnly: true }),
  },
  'home-volume-name': {
    beside: { volumes: [HOME, SPARE], ...mounted(), standardInithome: true },
    lab: { homeVolumeName: 'spare' },
  },
  'standard-inithome': { lab: { standardInithome: true } },
  'empty-dir-source': { lab: { emptyDirSource: 'disk' } },
  'empty-dir-source-of-the-generation-before': { lab: { tmpSource: 'disk' } },
};

const INIT_CONTAINERS: Readonly<Record<string, LabSwitch>> = {
  'init-container': { lab: container() },
  'init-container-pull-policy': {
    beside: container(),
    lab: container({ image: { ...PREPARE.image, pullPolicy: 'Always' } }),
  },
  'init-container-command': { beside: container(), lab: container({ command: ['/bin/prepare', '--now'] }) },
  'init-container-privileged': { beside: container(), lab: container({ privileged: true }) },
  'init-container-mount': { beside: { volumes: [HOME, SPARE], ...container() }, lab: containerMounts() },
  'init-container-mount-sub-path': {
    beside: { volumes: [HOME, SPARE], ...containerMounts() },
    lab: containerMounts({ subPath: 'a' }),
  },
  'init-container-mount-read-only': {
    beside: { volumes: [HOME, SPARE], ...containerMounts() },
    lab: containerMounts({ readOnly: true }),
  },
  'landing-page': { lab: { env: { RSP_SITE_TYPE: 'science' } } },
};

const PLACEMENT: Readonly<Record<string, LabSwitch>> = {
  'node-selector': { lab: { nodeSelector: { pool: 'labs' } } },
  'node-affinity-required': {
    lab: affinity(
      'nodeAffinity',
      required({ nodeSelectorTerms: [{ matchExpressions: [expression('In', ['ssd'])], matchFields: [] }] }),
    ),
  },
  'node-affinity-preferred': {
    lab: affinity(
      'nodeAffinity',
      preferred([{ weight: 10, preference: { matchExpressions: [expression('Exists')] } }]),
    ),
  },
  'pod-affinity-required': { lab: affinity('podAffinity', required([term])) },
  'pod-affinity-preferred': {
    lab: affinity('podAffinity', preferred([{ weight: 1, podAffinityTerm: term }])),
  },
  'pod-anti-affinity-required': { lab: affinity('podAntiAffinity', required([term])) },
  'pod-anti-affinity-preferred': {
    lab: affinity('podAntiAffinity', preferred([{ weight: 100, podAffinityTerm: term }])),
  },
  'toleration-equal': { lab: toleration({ key: 'dedicated', value: 'labs', effect: 'NoSchedule' }) },
  'toleration-exists': { lab: toleration({ key: 'dedicated', operator: 'Exists' }) },
  'toleration-for-a-while': {
    lab: toleration({ key: 'dedicated', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 60 }),
  },
};

const BERTH: Readonly<Record<string, LabSwitch>> = {
  'berth-readiness': { berth: { readiness: 'tcp' } },
  'berth-default-service-account': { berth: { defaultServiceAccount: 'wait' } },
  'berth-pod-security': { berth: { podSecurity: 'privileged' } },
  'instance-url': { environment: { EXTERNAL_INSTANCE_URL: 'https://elsewhere.example.org' } },
  'discovery-url': { environment: { REPERTOIRE_BASE_URL: 'https://elsewhere.example.org/repertoire' } },
  'utility-image': { environment: { NUBLADO_CONTROLLER_REPOSITORY: 'elsewhere.example.org/utility' } },
  'utility-image-tag': { environment: { NUBLADO_CONTROLLER_TAG: '9.9.9' } },
  'utility-image-pull-policy': { environment: { NUBLADO_CONTROLLER_PULL_POLICY: 'always' } },
};

/** Every switch that changes the objects of a lab, by the name of its golden file. */
export const LAB_SWITCHES: Readonly<Record<string, LabSwitch>> = {
  ...SIZES,
  ...CONTENT,
  ...VOLUMES,
  ...INIT_CONTAINERS,
  ...PLACEMENT,
  ...BERTH,
};

/** Switches of `lab` that change what is done, and no object. */
export const OTHER_LAB_SWITCHES: ConfigPiece = {
  defaultSize: 'large',
  spawnTimeout: '17m',
  deleteTimeout: '17s',
  reconcileInterval: '17h',
};
