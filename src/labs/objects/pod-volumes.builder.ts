import type { V1Volume, V1VolumeMount } from '@kubernetes/client-node';

import type { Plain } from '../../common/plain.js';
import { podMount, podVolume } from '../../volumes/index.js';
import { DISCOVERY_KEY } from './content.builder.js';
import { TOKEN_KEY } from './environment.builder.js';
import { fileMount, fileVolume } from './injected-files.builder.js';
import type { LabScope } from './metadata.builder.js';

/** Room for the two files that the start-up container writes. */
const STARTUP_BYTES = 655_360;
const READABLE = 0o644;
const STARTUP_VOLUME = 'lab-startup';
const RUNTIME_RESOURCES = ['limits.cpu', 'requests.cpu', 'limits.memory', 'requests.memory'];

/** The pod's volumes in the contract's order (5.4): every configured one, mounted or not, then those of the lab. */
export function podVolumes(scope: LabScope): Plain<V1Volume>[] {
  const { names, input, inPod } = scope;
  const { lab } = input.settings;
  const nss = (file: string): Plain<V1Volume> => ({
    name: file,
    configMap: { name: names.nss, items: [{ key: file, path: file, mode: READABLE }] },
  });
  const discovery = { name: names.files, items: [{ key: DISCOVERY_KEY, path: 'v1.json' }] };
  return [
    ...lab.volumes.map((volume) =>
      podVolume(volume, { volume: inPod.volume(volume.name), claim: names.claim(volume.name) }),
    ),
    nss('passwd'),
    nss('group'),
    ...inPod.files.map((file) => fileVolume(file, names.files)),
    { name: DISCOVERY_KEY, configMap: discovery },
    secretsVolume(scope),
    environmentVolume(scope),
    temporaryVolume(scope),
    runtimeVolume(),
    { name: STARTUP_VOLUME, emptyDir: { medium: 'Memory', sizeLimit: String(STARTUP_BYTES) } },
  ];
}

/** Configured secrets and the token, not the variables that share the Secret with them. */
function secretsVolume({ names, input, environment }: LabScope): Plain<V1Volume> {
  const whole = { secretName: names.secret };
  if (environment.secret.length === 0) return { name: 'secrets', secret: whole };
  const keys = [...input.settings.lab.secrets.map(({ secretKey }) => secretKey), TOKEN_KEY];
  return { name: 'secrets', secret: { ...whole, items: keys.map((key) => ({ key, path: key })) } };
}

/** One file a variable, wherever its value is kept. */
function environmentVolume({ names, environment }: LabScope): Plain<V1Volume> {
  if (environment.secret.length === 0) return { name: 'env', configMap: { name: names.env } };
  const items = environment.secret.map(({ name, key }) => ({ key, path: name }));
  const sources = [{ configMap: { name: names.env } }, { secret: { name: names.secret, items } }];
  return { name: 'env', projected: { sources } };
}

function temporaryVolume({ input }: LabScope): Plain<V1Volume> {
  const sizeLimit = String(Math.floor(input.lab.wish.resources.limits.memory / 4));
  const inMemory = input.settings.lab.emptyDirSource === 'memory';
  return { name: 'tmp', emptyDir: { ...(inMemory ? { medium: 'Memory' } : {}), sizeLimit } };
}

function runtimeVolume(): Plain<V1Volume> {
  const items = RUNTIME_RESOURCES.map((resource) => ({
    path: resource.replace('.', '_'),
    resourceFieldRef: { containerName: 'notebook', resource },
  }));
  return { name: 'runtime', downwardAPI: { items } };
}

/** The mounts of the container `notebook`. */
export function notebookMounts({ input, inPod }: LabScope): Plain<V1VolumeMount>[] {
  const { lab } = input.settings;
  const directory = lab.runtimeMountsDir;
  const fixed = (name: string, mountPath: string): Plain<V1VolumeMount> => ({
    name,
    mountPath,
    readOnly: true,
  });
  return [
    ...lab.volumeMounts.map((mount) => podMount(mount, inPod.volume(mount.volumeName))),
    { ...fixed('passwd', '/etc/passwd'), subPath: 'passwd' },
    { ...fixed('group', '/etc/group'), subPath: 'group' },
    ...inPod.files.map(fileMount),
    { ...fixed(DISCOVERY_KEY, '/etc/nublado/discovery/v1.json'), subPath: 'v1.json' },
    fixed('secrets', `${directory}/secrets`),
    fixed('env', `${directory}/environment`),
    { name: 'tmp', mountPath: '/tmp', readOnly: false },
    fixed('runtime', `${directory}/runtime`),
    fixed(STARTUP_VOLUME, '/etc/nublado/startup'),
    ...lab.secrets.flatMap(({ path, secretKey }) =>
      path === undefined ? [] : [{ ...fixed('secrets', path), subPath: secretKey }],
    ),
  ];
}

/** The same for a standard init container of the user, which writes what the notebook's launcher reads. */
export function startupMounts(scope: LabScope): Plain<V1VolumeMount>[] {
  return notebookMounts(scope).map((mount) =>
    mount.name === STARTUP_VOLUME ? { ...mount, readOnly: false } : mount,
  );
}
