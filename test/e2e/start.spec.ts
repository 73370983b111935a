import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { request } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { startCluster, type Cluster } from '../../simulator/cluster.js';
import { BerthProcess, type BerthFiles } from '../support/berth-process.js';
import { aPlatform } from '../support/platform.js';

describe('a start that cannot succeed', () => {
  let cluster: Cluster;
  let denied: readonly string[];

  beforeEach(async () => {
    denied = [];
    const deny = ({ resource }: { resource: string }): string | undefined =>
      denied.includes(resource) ? 'no' : undefined;
    cluster = await startCluster({ nodes: 1, registry: {}, identity: {}, server: { deny } });
  });

  afterEach(async () => {
    await cluster.close();
  });

  it('names an own namespace that does not exist', async () => {
    const said = await refusalOf({ ...aPlatform(cluster), kubeconfig: cluster.kubeconfig('mistyped') });

    expect(said).toEqual([
      'berth: Our own namespace mistyped does not exist: kubectl create namespace mistyped',
    ]);
  });

  it('says what an empty kubeconfig lacks', async () => {
    const said = await refusalOf({ ...aPlatform(cluster), kubeconfig: {} });

    expect(said).toEqual([
      expect.stringMatching(
        /^berth: cannot start: the kubeconfig .+ has no current context; kubectl config use-context chooses another$/,
      ),
    ]);
  });

  it('names a host to listen on that does not exist', async () => {
    const said = await refusalOf(withEnvironment(aPlatform(cluster), { BERTH_HOST: 'nowhere.invalid' }));

    expect(said).toEqual([
      'berth: The host to listen on, nowhere.invalid, is not a name that this machine knows',
    ]);
  });

  it('names the setting by which another port for metrics is chosen', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const files = aPlatform(cluster);

    const said = await refusalOf({ ...files, extra: files.extra.replace('METRICS_PORT', String(port)) });

    taken.close();
    expect(said).toEqual([
      `berth: Something else listens on 127.0.0.1:${String(port)}: choose another port with berth.metrics.port`,
    ]);
  });

  /**
   * @promise nothing is hidden
   * @fault a right is missing
   * @outcome start ends with its name
   */
  it('names the rights that are missing', async () => {
    denied = ['leases'];

    expect(await refusalOf(aPlatform(cluster))).toEqual([
      'berth: Not allowed to get, create, patch leases.coordination.k8s.io in namespace berth',
      'berth: All rights that Berth needs are in helm/berth/files/rbac.yaml; the chart grants them',
    ]);
  });

  /**
   * @promise nothing is hidden
   * @fault the custom resources are missing, or older than this version
   * @outcome start ends with their names and schema numbers
   */
  it('names custom resources that are not installed, or older than this version needs', async () => {
    const files = withEnvironment(aPlatform(cluster), { BERTH_INSTALL_CRDS: 'false' });

    expect((await refusalOf(files)).join()).toContain('labs.berth.dev is not installed');

    await installWithSchema(cluster, '0');
    expect((await refusalOf(files)).join()).toContain('labs.berth.dev has schema 0');
  });
});

const withEnvironment = (files: BerthFiles, environment: Readonly<Record<string, string>>): BerthFiles => ({
  ...files,
  environment: { ...files.environment, ...environment },
});

/** What a process that refuses to start tells the person at the terminal, line by line; its warnings left out. */
async function refusalOf(files: BerthFiles): Promise<readonly string[]> {
  const berth = await BerthProcess.prepare(files);
  try {
    await expect(berth.start()).rejects.toThrow('Berth ended with 1');
    return berth.log.split('\n').filter((line) => line !== '' && !line.startsWith('{"level":'));
  } finally {
    await berth.dispose();
  }
}

async function installWithSchema(cluster: Cluster, schema: string): Promise<void> {
  for (const document of parseAllDocuments(await readFile('helm/berth/crds/labs.yaml', 'utf8'))) {
    const crd = document.toJS() as { metadata: object };
    const metadata = { ...crd.metadata, labels: { 'berth.dev/schema': schema } };
    const answer = await request(
      `${cluster.api.url}/apis/apiextensions.k8s.io/v1/customresourcedefinitions`,
      {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...crd, metadata }),
      },
    );
    await answer.body.dump();
    expect(answer.statusCode).toBe(201);
  }
}
