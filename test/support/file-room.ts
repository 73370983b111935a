import { readFileSync } from 'node:fs';

import type { Type } from '@nestjs/common';
import { parseAllDocuments } from 'yaml';

import type { Cluster, ClusterOptions } from '../../simulator/cluster.js';
import type { UserInfo } from '../../src/auth/index.js';
import type { Settings } from '../../src/config/index.js';
import { FileserversModule, FileserversService } from '../../src/fileservers/index.js';
import type { ConfigPiece } from '../gen/settings.gen.js';
import { LAB_ROOMS, someRuntimeSettings } from './labs-runtime.js';
import { startBerthCluster } from './room-cluster.js';
import { startRoomProcess } from './room-process.js';
import type { RoomProcess, RoomProcessOptions } from './room-process.js';
import { PATIENT_LEASE } from './room-scenario.js';

export const FILES = 'fileservers';
/** The image of servers, as kubelets' scripts know it. */
export const SERVER_IMAGE = 'platform/utility';

/** Settings with file servers; `piece` is laid over them. */
export const fileSettings = (
  fileserver: ConfigPiece = {},
  fileservers: ConfigPiece = {},
  lab: ConfigPiece = {},
): Settings =>
  someRuntimeSettings({
    lab: { reconcileInterval: '2h', ...lab },
    fileserver: {
      enabled: true,
      namespace: FILES,
      volumeMounts: [{ containerPath: '/home', volumeName: 'home' }],
      ...fileserver,
    },
    berth: { fileservers },
  });

export const FILE_ROOMS = {
  modules: [...LAB_ROOMS.modules, FileserversModule.forRoot(true)],
  replaced: LAB_ROOMS.replaced,
} satisfies Pick<RoomProcessOptions, 'modules' | 'replaced'>;

export interface FileProcess extends RoomProcess {
  readonly files: FileserversService;
}

export async function startFileProcess(
  options: Omit<RoomProcessOptions, 'modules' | 'replaced'>,
): Promise<FileProcess> {
  const room = await startRoomProcess({ lease: PATIENT_LEASE, ...options, ...FILE_ROOMS });
  return { ...room, files: room.get(FileserversService as unknown as Type<FileserversService>) };
}

/** An embedded cluster with a namespace for file servers, and whatever publishes them. */
export async function startFileCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const cluster = await startBerthCluster({ timeScale: 0.01, ...options, namespaces: ['berth', FILES] });
  await installPublication(cluster.api.url);
  return cluster;
}

/** Gafaelfawr's and the Gateway API's resources. */
export async function installPublication(
  server: string,
  headers: Record<string, string> = {},
): Promise<void> {
  const crds = parseAllDocuments(readFileSync('test/fixtures/kubernetes/publication-crds.yaml', 'utf8'));
  for (const crd of crds) {
    const answer = await fetch(`${server}/apis/apiextensions.k8s.io/v1/customresourcedefinitions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(crd.toJS()),
    });
    if (!answer.ok && answer.status !== 409) throw new Error(await answer.text());
  }
}

/** Somebody with files. */
export const aUser = (username = 'rachel', parts: Partial<UserInfo> = {}): UserInfo => ({
  username,
  name: 'Some Body',
  uid: 1101,
  gid: 1101,
  groups: [
    { name: username, id: 1101 },
    { name: 'astronomers', id: 2028 },
  ],
  ...parts,
});

const OBJECTS = [
  'jobs.batch',
  'services',
  'pods',
  'ingresses.networking.k8s.io',
  'gafaelfawringresses.gafaelfawr.lsst.io',
  'httproutes.gateway.networking.k8s.io',
  'persistentvolumeclaims',
  'secrets',
];

/** Kind and name of everything in the file servers' namespace, in order. */
export const fileObjects = (cluster: Cluster): readonly string[] =>
  OBJECTS.flatMap((kind) =>
    cluster.api.store
      .dump(kind)
      .filter(({ metadata }) => metadata.namespace === FILES)
      .map(({ metadata }) => `${kind.split('.')[0] ?? ''}/${metadata.name}`),
  ).sort();

interface StoredServer {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly spec: { readonly desiredState: string; readonly operation: { readonly id: string } };
  readonly status?: {
    readonly phase?: string;
    readonly url?: string;
    readonly failure?: { readonly reason: string; readonly cause: string; readonly remedy?: string };
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason: string;
      readonly message: string;
    }[];
    readonly operation?: { readonly ended?: string };
    readonly ledger?: readonly { readonly reason: string; readonly message: string }[];
  };
}

/** The FileServer resource as the API server has it. */
export const storedServer = (cluster: Cluster, name = 'rachel'): StoredServer | undefined =>
  cluster.api.store
    .dump('fileservers.berth.dev')
    .find(({ metadata }) => metadata.name === name) as unknown as StoredServer | undefined;
