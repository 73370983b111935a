import type { Cluster } from '../../simulator/cluster.js';
import type { RequestRecord } from '../../simulator/server/index.js';
import { FILES, aUser, fileSettings, startFileCluster, startFileProcess } from './file-room.js';
import type { FileProcess } from './file-room.js';
import { PATIENT_LEASE } from './room-scenario.js';

export const READS = new Set(['get', 'list', 'watch']);
const CAPACITY = { cpu: '256', memory: '1Ti', pods: '1000', 'ephemeral-storage': '1Ti' };

/** Requests of ours that reached the API server, told apart as the budget does. */
export interface FileCounts {
  /** Writes in the file servers' namespace. */
  readonly objects: number;
  /** Everything else that was written: the wish and the record. */
  readonly beyond: number;
  readonly reads: number;
  readonly events: number;
}

export interface FileWorld {
  readonly cluster: Cluster;
  readonly process: FileProcess;
  /** Every request of ours since one server was opened. */
  readonly records: RequestRecord[];
  counted(): FileCounts;
  close(): Promise<void>;
}

/** A cluster with room for many, a process on it, and one server that runs. */
export async function startFileWorld(): Promise<FileWorld> {
  const cluster = await startFileCluster({ capacity: CAPACITY, instant: true });
  const process = await startFileProcess({
    kubeconfig: cluster.kubeconfig('berth'),
    settings: fileSettings({ creationTimeout: '5m' }),
    lease: PATIENT_LEASE,
  });
  await process.files.open(aUser('first'));
  const records: RequestRecord[] = [];
  cluster.api.onRequest((record) => {
    if (record.userAgent.startsWith('berth/') && record.resource !== 'leases') records.push(record);
  });
  return {
    cluster,
    process,
    records,
    counted: () => countsOf(records),
    close: async () => {
      await process.close();
      await cluster.close();
    },
  };
}

function countsOf(records: readonly RequestRecord[]): FileCounts {
  const writes = records.filter(({ verb, resource }) => !READS.has(verb) && resource !== 'events');
  const objects = writes.filter(({ namespace }) => namespace === FILES);
  return {
    objects: objects.length,
    beyond: writes.length - objects.length,
    reads: records.filter(({ verb }) => verb === 'get' || verb === 'list').length,
    events: records.filter(({ verb, resource }) => verb === 'create' && resource === 'events').length,
  };
}

/** Opens so many at once; their URLs. */
export function openMany({ process }: FileWorld, count: number): Promise<readonly string[]> {
  const users = Array.from({ length: count }, (_, index) => `user${index}`);
  return Promise.all(users.map((user) => process.files.open(aUser(user))));
}
