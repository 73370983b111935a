import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { labPageScript, startCluster, type Cluster } from '../simulator/cluster.js';
import { BerthChild, claimPort } from './berth.js';
import { BERTH_CONFIG, LAB_SECRET, nubladoConfig } from './settings.js';

/** Where the demo keeps its kubeconfig, so that the printed line works from the project's folder. */
const KUBECONFIG = '.cache/demo/kubeconfig';
const MEBIBYTE = 1_048_576;

/** Everything that runs: the embedded cluster with registry and identity stub, and Berth. */
export interface Platform {
  readonly cluster: Cluster;
  readonly url: string;
  /** Relative to the project's folder. */
  readonly kubeconfig: string;
  /** Ends Berth, then the cluster; resolves with Berth's exit code. */
  close(): Promise<number | null>;
}

/** Starts it all on loopback. */
export async function startPlatform(root: string, port: number): Promise<Platform> {
  await claimPort(port);
  const cluster = await startCluster({
    nodes: 3,
    registry: { repository: 'berth/lab' },
    identity: {},
    kubelets: {
      scripts: {
        '*': { sizeBytes: 120 * MEBIBYTE, pullBytesPerSecond: 400 * MEBIBYTE, startMs: 100 },
        'berth/lab': labPageScript({
          sizeBytes: 900 * MEBIBYTE,
          pullBytesPerSecond: 600 * MEBIBYTE,
          startMs: 200,
        }),
      },
    },
  });
  const folder = await mkdtemp(join(tmpdir(), 'berth-demo-'));
  try {
    const environment = await writeFiles(root, folder, cluster);
    const healthUrl = `http://127.0.0.1:${String(port)}/health/ready`;
    const berth = await BerthChild.start({ root, port, environment, healthUrl });
    return {
      cluster,
      url: `http://127.0.0.1:${String(port)}/nublado`,
      kubeconfig: KUBECONFIG,
      close: async () => {
        const code = await berth.stop();
        await cluster.close();
        await rm(folder, { recursive: true, force: true });
        return code;
      },
    };
  } catch (error) {
    await cluster.close();
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function writeFiles(root: string, folder: string, cluster: Cluster): Promise<Record<string, string>> {
  const { registry, identity } = cluster;
  if (!registry || !identity) throw new Error('The cluster was started without registry or identity stub.');
  const kubeconfig = join(root, KUBECONFIG);
  await mkdir(join(root, '.cache', 'demo'), { recursive: true });
  await writeFile(kubeconfig, JSON.stringify(cluster.kubeconfig('berth'), null, 2));
  await writeFile(
    join(folder, 'config.yaml'),
    await nubladoConfig(join(root, 'demo', 'config.yaml'), registry.host),
  );
  await writeFile(join(folder, 'berth.yaml'), BERTH_CONFIG);
  await createSecret(cluster);
  return {
    KUBECONFIG: kubeconfig,
    BERTH_CONFIG: join(folder, 'config.yaml'),
    BERTH_EXTRA_CONFIG: join(folder, 'berth.yaml'),
    BERTH_HOST: '127.0.0.1',
    BERTH_INSTALL_CRDS: 'true',
    EXTERNAL_INSTANCE_URL: 'http://127.0.0.1:8080',
    REPERTOIRE_BASE_URL: `${identity.url}/repertoire`,
    NUBLADO_CONTROLLER_REPOSITORY: 'berth/utility',
    NUBLADO_CONTROLLER_TAG: '0.1.0',
  };
}

async function createSecret(cluster: Cluster): Promise<void> {
  const answer = await request(`${cluster.api.url}/api/v1/namespaces/berth/secrets`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(LAB_SECRET),
  });
  const text = await answer.body.text();
  if (answer.statusCode !== 201) throw new Error(`The lab secret was refused: ${text}`);
}
