import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { request } from 'undici';

interface State {
  readonly processes: readonly { readonly name: string; readonly pid: number }[];
}

/** Revisions of a cluster's first moments, which no spec has seen. */
const FIRST = '10';

/** Makes a young cluster forget its first revisions, as an older one has: etcd is told to compact them. */
export async function forgetFirstRevisions(folder: string): Promise<void> {
  const { processes } = JSON.parse(await readFile(join(folder, 'state.json'), 'utf8')) as State;
  const pid = processes.find(({ name }) => name === 'etcd')?.pid ?? 0;
  const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0');
  const url = command.find((word) => word.startsWith('--listen-client-urls='))?.split('=')[1] ?? '';
  const body = JSON.stringify({ revision: FIRST });
  const answer = await request(`${url}/v3/kv/compaction`, { method: 'POST', body });
  const told = await answer.body.text();
  // 400: compacted before, by an earlier run of this or by the API server.
  if (answer.statusCode !== 200 && !told.includes('compacted'))
    throw new Error(`etcd compacts nothing: ${told}`);
}
