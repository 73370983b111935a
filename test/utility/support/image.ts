import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { freePorts } from '../../../simulator/free-ports.js';
import { temporaryFolder } from './folder.js';
import { findProgram } from './tools.js';
import { run, type Ran } from './run.js';

const cache = join(process.cwd(), '.cache', 'utility');
const IMAGE = 'localhost/berth-utility:latest';

/** The image as an OCI archive: what the suite on a real node pushes to its registry. */
export const ARCHIVE = join(cache, 'berth-utility.oci.tar');

/** Builds the image as utility/build.sh does it for everybody, and mounts what a container of it sees; gone after the suite. */
export function buildAndMount(): string {
  execFileSync(join(process.cwd(), 'utility', 'build.sh'), { stdio: 'inherit' });
  const container = buildah('from', '--pull-never', IMAGE);
  afterAll(() => void buildah('rm', container));
  return buildah('mount', container);
}

function buildah(...args: string[]): string {
  const store = [
    '--storage-driver',
    'vfs',
    '--root',
    join(cache, 'storage'),
    '--runroot',
    join(cache, 'run'),
  ];
  return execFileSync(findProgram('buildah') ?? 'buildah', [...store, ...args], { encoding: 'utf8' }).trim();
}

export interface ContainerOptions {
  readonly rootfs: string;
  readonly command: readonly string[];
  readonly uid: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Container path to host path. */
  readonly volumes?: Readonly<Record<string, string>>;
  readonly capabilities?: readonly string[];
}

export interface Container {
  readonly port: number;
  readonly ended: Promise<Ran>;
  signal(name: 'TERM' | 'KILL'): Promise<Ran>;
}

/** Starts a real container as a pod has it: read-only root, own user, no privileges but those named, the node's network. */
export async function startContainer(options: ContainerOptions): Promise<Container> {
  const bundle = temporaryFolder(0);
  const [port = 0] = await freePorts(1);
  const id = `berth-utility-${String(port)}`;
  writeFileSync(join(bundle, 'config.json'), JSON.stringify(specification(options, port)));
  const runc = (...args: string[]) =>
    run(findProgram('runc') ?? 'runc', ['--root', join(cache, 'runc'), ...args]);
  mkdirSync(join(cache, 'runc'), { recursive: true });
  const ended = runc('run', '--bundle', bundle, id).finally(() =>
    rmSync(bundle, { recursive: true, force: true }),
  );
  return { port, ended, signal: (name) => runc('kill', id, name) };
}

/** Runs a command in a container to its end. */
export async function runInContainer(options: ContainerOptions): Promise<Ran> {
  return (await startContainer(options)).ended;
}

/** OCI runtime specification 1.0; no network namespace and no limits, since neither is what is to be shown. */
function specification(
  { rootfs, command, uid, env = {}, volumes = {}, capabilities = [] }: ContainerOptions,
  port: number,
) {
  const all = { PATH: '/usr/local/bin:/usr/bin:/usr/sbin', WORBLEHAT_PORT: String(port), ...env };
  const sets = ['bounding', 'effective', 'inheritable', 'permitted'];
  return {
    ociVersion: '1.0.2',
    root: { path: rootfs, readonly: true },
    process: {
      cwd: '/app',
      args: command,
      user: { uid, gid: uid, additionalGids: [uid + 1] },
      env: Object.entries(all).map(([name, value]) => `${name}=${value}`),
      noNewPrivileges: true,
      capabilities: Object.fromEntries(sets.map((set) => [set, capabilities])),
    },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755'] },
      ...Object.entries(volumes).map(([destination, source]) => ({
        destination,
        source,
        type: 'bind',
        options: ['bind', 'rw'],
      })),
    ],
    linux: { namespaces: ['pid', 'ipc', 'uts', 'mount'].map((type) => ({ type })) },
  };
}
