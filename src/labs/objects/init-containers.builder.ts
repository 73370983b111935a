import type { V1Container, V1EnvVar, V1VolumeMount } from '@kubernetes/client-node';

import type { Plain } from '../../common/plain.js';
import type { InitContainer as ConfiguredContainer, UtilityImage } from '../../config/index.js';
import { podMount } from '../../volumes/index.js';
import type { ConfiguredMount } from '../../volumes/index.js';
import { commonContainer, credentialVariables, rootSecurity, userSecurity } from './containers.builder.js';
import type { LabScope } from './metadata.builder.js';
import { startupMounts } from './pod-volumes.builder.js';

/** How an init container differs from the others. */
interface InitContainer {
  readonly name: string;
  readonly image: UtilityImage;
  readonly command?: readonly string[] | undefined;
  readonly privileged: boolean;
  readonly volumeMounts: Plain<V1VolumeMount>[];
  readonly env?: readonly Plain<V1EnvVar>[];
}

/** Everything that runs before the lab, in order (contract 5.4 and the utility image's contract D.1). */
export function initContainers(scope: LabScope): Plain<V1Container>[] {
  const { lab } = scope.input.settings;
  const standard = [
    ...(lab.standardInithome ? [inithome(scope)] : []),
    ...lab.initContainers.map((container) => configured(scope, container)),
    ...(lab.env.RSP_SITE_TYPE === 'science' ? [landingpage(scope)] : []),
    startup(scope),
  ];
  return standard.map((container) => initContainer(scope, container));
}

/** Makes the home directory. Root, so it sees nothing but the volume with the homes. */
function inithome(scope: LabScope): InitContainer {
  const { lab } = scope.input.settings;
  const home = lab.homeVolumeName;
  return {
    ...utility(scope, 'inithome'),
    privileged: true,
    volumeMounts: mounts(
      scope,
      lab.volumeMounts.filter(({ volumeName }) => volumeName === home),
    ),
  };
}

function configured(scope: LabScope, container: ConfiguredContainer): InitContainer {
  return { ...container, volumeMounts: mounts(scope, container.volumeMounts) };
}

/** Copies the site's landing page into the home directory. */
function landingpage(scope: LabScope): InitContainer {
  return { ...utility(scope, 'landingpage'), privileged: false, volumeMounts: startupMounts(scope) };
}

/** Tidies the home directory and writes the lab's command line, so it may use the user's credentials. */
function startup(scope: LabScope): InitContainer {
  const env = credentialVariables(scope);
  return { ...utility(scope, 'startup'), privileged: false, volumeMounts: startupMounts(scope), env };
}

function utility({ input }: LabScope, duty: string): Pick<InitContainer, 'name' | 'image' | 'command'> {
  return { name: `nublado-std-${duty}`, image: input.settings.utilityImage, command: ['nublado', duty] };
}

function mounts({ inPod }: LabScope, wanted: readonly ConfiguredMount[]): Plain<V1VolumeMount>[] {
  return wanted.map((mount) => podMount(mount, inPod.volume(mount.volumeName)));
}

function initContainer(scope: LabScope, container: InitContainer): Plain<V1Container> {
  const { input } = scope;
  const { owner } = input.lab.wish;
  const own: Plain<V1EnvVar>[] = [
    { name: 'NUBLADO_HOME', value: scope.home },
    { name: 'NUBLADO_UID', value: String(owner.uid) },
    { name: 'NUBLADO_GID', value: String(owner.gid) },
    ...(container.env ?? []),
  ];
  return {
    name: container.name,
    image: `${container.image.repository}:${container.image.tag}`,
    imagePullPolicy: container.image.pullPolicy,
    ...(container.command === undefined ? {} : { command: [...container.command] }),
    ...commonContainer(scope, own),
    securityContext: container.privileged ? rootSecurity() : userSecurity(owner),
    volumeMounts: container.volumeMounts,
  };
}
