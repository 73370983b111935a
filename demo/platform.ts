import { rmSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { BerthChild, claimPort } from './berth.js';
import { embeddedGround, realGround, type Ground } from './ground.js';
import { DEFAULT_PORT } from './options.js';
import { BERTH_CONFIG, LAB_SECRET, nubladoConfig } from './settings.js';

/** Where the demo keeps its kubeconfig, so that the printed line works from the project's folder; one for each demo. */
const kubeconfigOf = (port: number): string =>
  join('.cache', 'demo', port === DEFAULT_PORT ? 'kubeconfig' : `kubeconfig-${String(port)}`);

export interface PlatformOptions {
  readonly port: number;
  /** On a real control plane instead of the embedded one. */
  readonly real: boolean;
}

/** Everything that runs: a cluster with registry and identity stub, and Berth. */
export interface Platform {
  readonly ground: Ground;
  readonly url: string;
  /** Relative to the project's folder. */
  readonly kubeconfig: string;
  /** Resolves when Berth has ended, whoever ended it. */
  readonly ended: Promise<unknown>;
  /** Ends Berth, then the cluster; resolves with Berth's exit code. */
  close(): Promise<number | null>;
}

/** Starts it all on loopback. */
export async function startPlatform(root: string, { port, real }: PlatformOptions): Promise<Platform> {
  await claimPort(port);
  const ground = await (real ? realGround() : embeddedGround());
  const folder = await mkdtemp(join(tmpdir(), 'berth-demo-'));
  // At the exit, so that a Ctrl-C in the middle of the start leaves nothing either.
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  try {
    const environment = {
      ...(await writeFiles(root, folder, ground)),
      EXTERNAL_INSTANCE_URL: `http://127.0.0.1:${String(port)}`,
    };
    const healthUrl = `http://127.0.0.1:${String(port)}/health/ready`;
    const berth = await BerthChild.start({ root, port, environment, healthUrl });
    // Not before the port is ours: the file may be that of a demo that is there already.
    const kubeconfig = join(root, kubeconfigOf(port));
    await mkdir(dirname(kubeconfig), { recursive: true });
    await copyFile(environment.KUBECONFIG, kubeconfig);
    return {
      ground,
      url: `http://127.0.0.1:${String(port)}/nublado`,
      kubeconfig: kubeconfigOf(port),
      ended: berth.ended,
      close: async () => {
        const code = await berth.stop();
        await ground.close();
        return code;
      },
    };
  } catch (error) {
    await ground.close();
    throw error;
  }
}

/** What the child's environment holds: places in `folder`, which is this demo's alone, and addresses. */
type Environment = Readonly<Record<string, string>> & { readonly KUBECONFIG: string };

async function writeFiles(root: string, folder: string, ground: Ground): Promise<Environment> {
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, JSON.stringify(ground.kubeconfig('berth'), null, 2), { mode: 0o600 });
  await writeFile(
    join(folder, 'config.yaml'),
    await nubladoConfig(join(root, 'demo', 'config.yaml'), ground.registryHost),
  );
  await writeFile(join(folder, 'berth.yaml'), BERTH_CONFIG);
  await ground.create('api/v1/namespaces/berth/secrets', LAB_SECRET);
  return {
    KUBECONFIG: kubeconfig,
    BERTH_CONFIG: join(folder, 'config.yaml'),
    BERTH_EXTRA_CONFIG: join(folder, 'berth.yaml'),
    BERTH_HOST: '127.0.0.1',
    BERTH_INSTALL_CRDS: 'true',
    REPERTOIRE_BASE_URL: `${ground.identityUrl}/repertoire`,
    NUBLADO_CONTROLLER_REPOSITORY: 'berth/utility',
    NUBLADO_CONTROLLER_TAG: '0.1.0',
  };
}
