import type { V1Container, V1Job, V1ObjectMeta, V1PodTemplateSpec, V1Volume } from '@kubernetes/client-node';

import type { Plain } from '../../common/plain.js';
import { podMount, podVolume } from '../../volumes/index.js';
import { CONTAINER, PORT } from '../fileserver.marks.js';
import { claimName } from '../fileserver.names.js';
import { ARGO_ANNOTATIONS, placement, resourcesOf } from './placement.builder.js';
import { namesOf, serverMetadata, serverPath, serverSelector } from './server-scope.builder.js';
import type { ServerBuildInput } from './server-scope.builder.js';

const KEY_VOLUME = 'verify-key';
const KEY_DIRECTORY = '/etc/berth/verify';
/** Key and file of the Secret. */
export const KEY_FILE = 'key';
/** Where the server asks whose credentials it is shown; a Job without it must only be reached through Gafaelfawr. */
export const VERIFY_URL = 'BERTH_VERIFY_URL';
const READABLE = 0o444;
/** What a server needs, once it no longer waits for transfers, to take their remains away before it is killed. */
const CLEAN_UP_SECONDS = 10;

/**
 * The server itself (contract 5.8). A pod that ends is not tried again: the Job says how it went, and the next request
 * starts anew. Only a pod that had to go for the node's sake is replaced.
 */
export function buildJob(input: ServerBuildInput): Plain<V1Job> {
  const annotations = { ...ARGO_ANNOTATIONS, ...input.files.extraAnnotations };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { ...serverMetadata(input, namesOf(input).object), annotations },
    spec: {
      backoffLimit: 0,
      podFailurePolicy: {
        rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }],
      },
      template: podTemplate(input),
    },
  };
}

function podTemplate(input: ServerBuildInput): Plain<V1PodTemplateSpec> {
  const { files, server } = input;
  const { uid, gid, groups } = server.wish.owner;
  const metadata: Plain<V1ObjectMeta> = {
    name: namesOf(input).object,
    labels: serverSelector(input),
    annotations: { ...files.extraAnnotations },
  };
  return {
    metadata,
    spec: {
      ...placement(files),
      automountServiceAccountToken: false,
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: graceSeconds(input),
      securityContext: {
        runAsUser: uid,
        runAsGroup: gid,
        runAsNonRoot: true,
        supplementalGroups: groups.map(({ id }) => id),
        seccompProfile: { type: 'RuntimeDefault' },
      },
      containers: [container(input)],
      volumes: volumes(input),
    },
  };
}

function container(input: ServerBuildInput): Plain<V1Container> {
  const { files, image } = input;
  const { repository, tag, pullPolicy } = image;
  const mounts = files.volumeMounts.map((mount) =>
    podMount({ ...mount, containerPath: `/mnt${mount.containerPath}` }, mount.volumeName),
  );
  const key = { name: KEY_VOLUME, mountPath: KEY_DIRECTORY, readOnly: true };
  return {
    name: CONTAINER,
    image: `${repository}:${tag}`,
    imagePullPolicy: pullPolicy,
    command: ['/usr/local/bin/worblehat'],
    env: environment(input),
    ports: [{ containerPort: PORT, name: 'http' }],
    // It listens once it can answer: ready means ready.
    readinessProbe: { tcpSocket: { port: PORT }, periodSeconds: 2 },
    ...resourcesOf(files),
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: true,
    },
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: input.verifyUrl === undefined ? mounts : [...mounts, key],
  };
}

function environment(input: ServerBuildInput): { name: string; value: string }[] {
  const { files, verifyUrl } = input;
  return [
    { name: 'WORBLEHAT_BASE_HREF', value: serverPath(input) },
    { name: 'WORBLEHAT_TIMEOUT', value: String(Math.round(files.idleTimeout / 1000)) },
    { name: 'WORBLEHAT_DIR', value: '/mnt' },
    { name: 'BERTH_DRAIN_SECONDS', value: String(Math.max(1, graceSeconds(input) - CLEAN_UP_SECONDS)) },
    ...(verifyUrl === undefined
      ? []
      : [
          { name: VERIFY_URL, value: verifyUrl },
          { name: 'BERTH_VERIFY_KEY_FILE', value: `${KEY_DIRECTORY}/${KEY_FILE}` },
        ]),
  ];
}

const graceSeconds = ({ publishing }: ServerBuildInput): number => Math.ceil(publishing.drain / 1000);

/** Those that are mounted, each once. */
function volumes(input: ServerBuildInput): Plain<V1Volume>[] {
  const { files, server, volumes: known, verifyUrl } = input;
  const mounted = new Set(files.volumeMounts.map(({ volumeName }) => volumeName));
  const configured = known
    .filter(({ name }) => mounted.has(name))
    .map((volume) => podVolume(volume, { volume: volume.name, claim: claimName(server.name, volume.name) }));
  if (verifyUrl === undefined) return configured;
  const secret = { secretName: namesOf(input).object, defaultMode: READABLE };
  return [...configured, { name: KEY_VOLUME, secret }];
}
