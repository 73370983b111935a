import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { startActors, type Fleet, type FleetOptions } from '../../../simulator/actors/index.js';
import { readAudit, type AuditedRequest } from './audit.js';
import { ensureBinaries } from './build.js';
import type { Limits } from './commands.js';
import { ControlPlane } from './control-plane.js';
import { kubeconfigOf, type Kubeconfig, type Tokens } from './credentials.js';
import { NODE_USER, startRealNode, type RealNode } from './node/real-node.js';
import { places } from './places.js';
import { endAbandoned } from './state.js';

export interface RealClusterOptions {
  /** Scripted nodes, run as clients of the real API server; without them pods stay pending. */
  readonly kubelets?: FleetOptions;
  /** A real node of this machine (containerd, runc, kubelet) with real registries; throws `NoNodeHere` without root. */
  readonly hasNode?: boolean;
  /** Keep a log of all requests, for `audited` and `auditCount`. */
  readonly audit?: boolean;
  /** Default `raised`. */
  readonly limits?: Limits;
  /** Users besides `admin`; each may do what RBAC objects allow it, which is nothing at first. Default `berth`. */
  readonly users?: readonly string[];
  /** Hears of a build that takes minutes. Default: the standard error stream. */
  readonly say?: (line: string) => void;
}

/** A real Kubernetes control plane of this process. Several may stand side by side. */
export interface RealCluster {
  readonly url: string;
  /** PEM of the authority behind the API server's certificate. */
  readonly ca: string;
  /** Tokens by user name. `admin` may do everything. */
  readonly users: Tokens;
  /** Where logs and keys lie until `stop`. */
  readonly folder: string;
  /** The scripted nodes: what they do to images and pods can be changed while they run. */
  readonly fleet: Fleet | undefined;
  /** The real node, where one was asked for. */
  readonly node: RealNode | undefined;
  /** A kubeconfig whose context has this namespace (default `default`) and user (default `admin`). */
  kubeconfig(namespace?: string, user?: string): Kubeconfig;
  /** The finished requests of clients whose user agent begins like this; a watch counts when it ends. Needs `audit`. */
  audited(userAgentPrefix: string): Promise<readonly AuditedRequest[]>;
  /** Their number. */
  auditCount(userAgentPrefix: string): Promise<number>;
  /** Remembers everything that the cluster holds, for `restore`. */
  save(): Promise<void>;
  /**
   * Brings back what was saved last, as an operator who restores a backup: etcd's revisions go back too, and API server,
   * controllers and scripted nodes start anew.
   */
  restore(): Promise<void>;
  /** Ends everything that was started, the newest first, and deletes its files. */
  stop(): Promise<void>;
}

/**
 * Starts a real control plane on free ports of loopback, building it first where the recipe changed, and ends what
 * an earlier run left behind. Throws `MissingToolchain` where it must be built and there is no Go.
 */
export async function startRealCluster(options: RealClusterOptions = {}): Promise<RealCluster> {
  const say = options.say ?? ((line) => process.stderr.write(`${line}\n`));
  await ensureBinaries(say);
  await endAbandoned();
  const plane = await ControlPlane.start({
    folder: join(places.clusters, randomBytes(5).toString('hex')),
    users: [...(options.users ?? ['berth']), ...(options.hasNode ? [NODE_USER] : [])],
    audit: options.audit ?? false,
    limits: options.limits ?? 'raised',
    isDetached: false,
  });
  try {
    const node = options.hasNode ? await startRealNode(plane, say) : undefined;
    return await withKubelets(plane, options, node);
  } catch (error) {
    await plane.stop();
    throw error;
  }
}

async function withKubelets(
  plane: ControlPlane,
  { kubelets, audit }: RealClusterOptions,
  node: RealNode | undefined,
): Promise<RealCluster> {
  const { url, ca, tokens, folder } = plane;
  const server = { url, ca, token: tokens.admin ?? '' };
  const startNodes = async () => kubelets && startActors({ server, only: ['kubelets'], kubelets });
  let actors = await startNodes();
  const audited = async (userAgentPrefix: string): Promise<AuditedRequest[]> => {
    if (!audit) throw new Error('this cluster was started without `audit: true`');
    return readAudit(folder, userAgentPrefix);
  };
  return {
    url,
    ca,
    users: tokens,
    folder,
    get fleet() {
      return actors?.fleet;
    },
    node,
    kubeconfig: (namespace = 'default', user = 'admin') => {
      const token = tokens[user];
      if (token === undefined) throw new Error(`the cluster was started without a user ${user}`);
      return kubeconfigOf({ url, ca, user, token, namespace });
    },
    audited,
    auditCount: async (userAgentPrefix) => (await audited(userAgentPrefix)).length,
    save: () => plane.save(),
    restore: async () => {
      await actors?.close();
      await plane.restore();
      actors = await startNodes();
    },
    stop: async () => {
      await actors?.close();
      await plane.stop();
      await node?.stop();
    },
  };
}
