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
