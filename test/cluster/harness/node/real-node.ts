import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { binaryOf, ensureKubelet } from '../build.js';
import type { ControlPlane } from '../control-plane.js';
import { kubeconfigOf } from '../credentials.js';
import { places } from '../places.js';
import { freePorts } from '../../../../simulator/free-ports.js';
import { cgroupOf, makeCgroups } from './cgroups.js';
import { pushGuarded, pushImages } from './images.js';
import { prepareRegistry, PULLER, registryAnswers } from './registry.js';
import { Relay } from './relay.js';
import { requireNodeTools } from './requirements.js';
import { NODE_ADDRESS, writeNodeFiles } from './settings.js';

/** The user as whom the one node's kubelet logs in. */
export const NODE_NAME = 'real-1';
export const NODE_USER = `system:node:${NODE_NAME}`;

/** As fast as a pull is to be seen: twenty megabytes take some seconds. */
const SLOW_BYTES_PER_SECOND = 4_000_000;

/** Where a real node pulls from; each is the first part of an image reference. Plain data. */
export interface NodeRegistries {
  /** A real docker-registry with all our images; the machine reaches it by the same name. */
  readonly open: string;
  /** One that asks for `credentials`. */
  readonly guarded: string;
  /** `user:password` of `guarded`. */
  readonly credentials: string;
  /** The images of `open`, slowly; only the node reaches it. */
  readonly slow: string;
  /** Takes connections and says nothing; only the node reaches it. */
  readonly silent: string;
  /** Nobody listens there. */
  readonly dead: string;
}

/** A node of containerd, runc and a kubelet on this machine, with real registries. It ends with its control plane. */
export interface RealNode {
  readonly name: string;
  readonly registries: NodeRegistries;
  stop(): Promise<void>;
}

/**
 * Starts the node of a control plane that knows `NODE_USER`. Resolves when the kubelet is started; it is Ready a second
 * later. Throws what `requireNodeTools` throws.
 */
export async function startRealNode(plane: ControlPlane, say: (line: string) => void): Promise<RealNode> {
  await requireNodeTools();
  await ensureKubelet(say);
  const folder = join(plane.folder, 'node');
  const [open = 0, guarded = 0, slow = 0, silent = 0, dead = 0] = await freePorts(5);
  const pauseImage = await startRegistries(plane, open, guarded);
  const { url, ca, tokens } = plane;
  const kubeconfig = kubeconfigOf({
    url,
    ca,
    user: NODE_USER,
    token: tokens[NODE_USER] ?? '',
    namespace: 'default',
  });
  const cgroup = cgroupOf(plane.folder);
  await mkdir(folder, { recursive: true });
  await writeNodeFiles({ folder, name: NODE_NAME, cgroup, kubeconfig, pauseImage });
  await makeCgroups(cgroup);
  const api = Number(new URL(url).port);
  const relays = await Promise.all([
    relay(folder, api, { port: api }),
    relay(folder, open, { port: open }),
    relay(folder, guarded, { port: guarded }),
    relay(folder, slow, { port: open, bytesPerSecond: SLOW_BYTES_PER_SECOND }),
    relay(folder, silent, { port: open, bytesPerSecond: 0.01 }),
  ]);
  plane.add(launchOf(folder, [api, open, guarded, slow, silent]));
  return {
    name: NODE_NAME,
    registries: {
      open: hostOf(open),
      guarded: hostOf(guarded),
      credentials: PULLER.credentials,
      slow: hostOf(slow),
      silent: hostOf(silent),
      dead: hostOf(dead),
    },
    stop: async () => {
      await Promise.all(relays.map((each) => each.stop()));
    },
  };
}

const hostOf = (port: number): string => `127.0.0.1:${port}`;

/** A node's port, carried to a port of the machine. */
const relay = (
  folder: string,
  nodePort: number,
  to: { readonly port: number; readonly bytesPerSecond?: number },
): Promise<Relay> => Relay.start({ socket: join(folder, 'relay', String(nodePort)), ...to });

async function startRegistries(plane: ControlPlane, open: number, guarded: number): Promise<string> {
  const { folder } = plane;
  plane.add(await prepareRegistry({ folder, port: open, isGuarded: false }));
  plane.add(await prepareRegistry({ folder, port: guarded, isGuarded: true }));
  await Promise.all([registryAnswers(open), registryAnswers(guarded)]);
  await pushGuarded(hostOf(guarded), PULLER.credentials);
  return pushImages(hostOf(open));
}

/** Everything of the node is a child of one process in namespaces of its own, and ends with it. */
function launchOf(folder: string, ports: readonly number[]) {
  const namespaces = ['--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc'];
  const init = ['sh', places.nodeInit, folder, NODE_ADDRESS, binaryOf('kubelet'), ...ports.map(String)];
  return { name: 'node', command: 'unshare', args: [...namespaces, ...init], isKilled: true };
}
