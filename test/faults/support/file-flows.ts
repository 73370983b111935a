import type { Type } from '@nestjs/common';

import type { Cluster } from '../../../simulator/cluster.js';
import { FileserversService } from '../../../src/fileservers/index.js';
import { shapesIn, withoutChance } from '../../support/cluster-shapes.js';
import {
  FILES,
  FILE_ROOMS,
  aUser,
  fileSettings,
  installPublication,
  storedServer,
} from '../../support/file-room.js';
import type { RoomProcess } from '../../support/room-process.js';
import type { RoomFlow } from '../../support/room-scenario.js';
import { until } from '../../support/until.js';
import { Stranger } from './stranger.js';

const KINDS = [
  'jobs.batch',
  'services',
  'ingresses.networking.k8s.io',
  'gafaelfawringresses.gafaelfawr.lsst.io',
];
const files = ({ get }: RoomProcess): FileserversService =>
  get(FileserversService as unknown as Type<FileserversService>);

/** Asks as a client does who is told to ask again. */
async function insisted(ask: () => Promise<unknown>): Promise<void> {
  for (let attempt = 0; attempt < 8; attempt += 1) {
    try {
      await ask();
      return;
    } catch (error) {
      if ((error as { status?: number }).status === 404) return;
    }
  }
  throw new Error('the client gave up');
}

function picture(cluster: Cluster): unknown {
  const server = storedServer(cluster);
  const objects = shapesIn(cluster, KINDS, ({ namespace }) => namespace === FILES);
  return {
    objects: withoutChance(objects, server?.spec.operation.id),
    phase: server?.status?.phase,
    failure: server?.status?.failure?.reason,
    desired: server?.spec.desiredState,
  };
}

const common = {
  room: { ...FILE_ROOMS, settings: fileSettings() },
  cluster: { namespaces: ['berth', FILES] },
  picture,
} as const satisfies Partial<RoomFlow>;

export const OPEN_FILES: RoomFlow = {
  ...common,
  name: 'opening files',
  before: (cluster) => installPublication(cluster.api.url),
  drive: (process) => insisted(() => files(process).open(aUser())),
};

export const CLOSE_FILES: RoomFlow = {
  ...common,
  name: 'opening and removing files',
  before: (cluster) => installPublication(cluster.api.url),
  drive: async (process, cluster) => {
    await insisted(() => files(process).open(aUser()));
    await insisted(() => files(process).remove('rachel'));
    await until(() => storedServer(cluster)?.status?.phase === 'stopped', 'the record of the end', 30_000);
  },
};

/** The same by a clock that lets a watchdog's patience end soon, and nobody else's. */
export const PATIENT_FILES: RoomFlow = {
  ...CLOSE_FILES,
  name: 'opening and removing files patiently',
  room: { ...FILE_ROOMS, settings: fileSettings({ creationTimeout: '1h', deleteTimeout: '1h' }) },
  pace: 20,
};

/** Servers that ask whose credentials they are shown: with a key, and the master key it is made of. */
export const ASKING_FILES: RoomFlow = {
  ...CLOSE_FILES,
  name: 'opening and removing files that ask',
  room: {
    ...FILE_ROOMS,
    settings: fileSettings({}, { publish: 'ingress', verifyUrl: 'http://berth.berth/nublado' }),
  },
};

const LABELS = { 'nublado.lsst.io/category': 'fileserver', 'nublado.lsst.io/user': 'rachel' };

/** A Job as a Nublado controller makes it, with the pod that runs. */
async function leaveToUs(cluster: Cluster): Promise<void> {
  await installPublication(cluster.api.url);
  const spec = {
    restartPolicy: 'Never',
    securityContext: { runAsUser: 1101, runAsGroup: 1101 },
    containers: [{ name: 'fileserver', image: 'ghcr.io/lsst-sqre/nublado:11.0.0' }],
  };
  await new Stranger(cluster).create(`/apis/batch/v1/namespaces/${FILES}/jobs`, {
    metadata: { name: 'rachel-fs', labels: LABELS },
    spec: { template: { metadata: { labels: LABELS }, spec } },
  });
  const phase = () => cluster.api.store.dump('pods').map(({ status }) => (status as { phase: string }).phase);
  await until(() => phase().join() === 'Running', 'its pod', 30_000);
}

export const ADOPT_FILES: RoomFlow = {
  ...common,
  name: 'adopting files',
  fromStart: true,
  before: leaveToUs,
  drive: async (_process, cluster) => {
    const isWhole = (): boolean =>
      storedServer(cluster)?.status?.phase === 'running' &&
      KINDS.every((kind) =>
        cluster.api.store.dump(kind).some(({ metadata }) => metadata.namespace === FILES),
      );
    await until(isWhole, 'the adoption, and the way to it', 30_000);
  },
};
