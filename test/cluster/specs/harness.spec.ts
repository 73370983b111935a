import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, expect, it } from 'vitest';
import { readAudit, startRealCluster } from '../harness/index.js';
import { Api } from '../support/api.js';
import { describeReal } from '../support/shared-cluster.js';

/** What a program that uses the harness is, reduced to its start. */
const PROGRAM = `
  const { startRealCluster } = await import(process.argv[1]);
  const { folder, url } = await startRealCluster();
  console.log(JSON.stringify({ folder, url }));
  setInterval(() => undefined, 60_000);
`;

const alive = (folder: string): string[] => {
  const { processes } = JSON.parse(readFileSync(join(folder, 'state.json'), 'utf8')) as {
    processes: { pid: number; name: string }[];
  };
  return processes.filter(({ pid }) => ownedBy(pid, folder)).map(({ name }) => name);
};

const ownedBy = (pid: number, folder: string): boolean => {
  const file = `/proc/${String(pid)}/cmdline`;
  return existsSync(file) && readFileSync(file, 'utf8').includes(folder);
};

describeReal('the harness of the real control plane', (cluster) => {
  const shared = new Api(cluster);
  afterAll(() => shared.close());

  /**
   * @promise nothing is wasted
   * @fault a program that uses the real control plane is killed
   * @outcome the next start ends what it left behind, and nothing else
   */
  it('ends what a killed program left behind, and nothing else', async () => {
    const program = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM, built()], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface({ input: program.stdout }), 'line')) as [string];
    const left = JSON.parse(line) as { folder: string };
    program.kill('SIGKILL');
    await once(program, 'exit');
    expect(alive(left.folder)).toHaveLength(4);
    const pids = (
      JSON.parse(readFileSync(join(left.folder, 'state.json'), 'utf8')) as { processes: { pid: number }[] }
    ).processes;

    const next = await startRealCluster({ audit: true, limits: 'stock' });

    try {
      expect(existsSync(left.folder)).toBe(false);
      expect(pids.some(({ pid }) => ownedBy(pid, left.folder))).toBe(false);
      expect(alive(next.folder)).toHaveLength(4);
      expect(next.url).not.toBe(cluster.url);
      expect((await shared.get('/version')).status).toBe(200);
    } finally {
      await next.stop();
    }
    expect(existsSync(next.folder)).toBe(false);
  });

  it('counts the requests of one client, as the server saw them', async () => {
    const before = (await readAudit(cluster.folder, 'harness-spec/')).length;
    const counted = new Api(cluster, 'admin', 'harness-spec/1');

    await counted.get('/api/v1/namespaces/default');
    await counted.get('/api/v1/namespaces/nowhere');
    await counted.close();

    // A line is written when the request ends, which may be after its answer arrived.
    const seen = async () => (await readAudit(cluster.folder, 'harness-spec/')).slice(before);
    await expect
      .poll(async () => (await seen()).map(({ verb, responseStatus }) => [verb, responseStatus?.code]))
      .toEqual([
        ['get', 200],
        ['get', 404],
      ]);
  });

  it('gives users no rights but those that are bound to them', async () => {
    const stranger = new Api(cluster, 'stranger');

    const { status } = await stranger.get('/api/v1/nodes');
    await stranger.close();

    expect(status).toBe(403);
  });
});

/** The compiled harness: a child process cannot read TypeScript. `npm run test:cluster` builds it first. */
function built(): string {
  return join(process.cwd(), '.build', 'test', 'cluster', 'harness', 'index.js');
}
