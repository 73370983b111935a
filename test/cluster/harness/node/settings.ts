import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Kubeconfig } from '../credentials.js';

export interface NodeFacts {
  /** The node's own folder. */
  readonly folder: string;
  readonly name: string;
  readonly cgroup: string;
  readonly kubeconfig: Kubeconfig;
  readonly pauseImage: string;
}

/** The node's only address; each node has a network of its own, so all may have the same. */
export const NODE_ADDRESS = '10.20.0.1';

/** Writes everything that `init.sh` and what it starts read. */
export async function writeNodeFiles(facts: NodeFacts): Promise<void> {
  const { folder, name, kubeconfig } = facts;
  await mkdir(join(folder, 'relay'), { recursive: true });
  await mkdir(join(folder, 'cni'));
  await Promise.all([
    writeFile(join(folder, 'name'), name),
    writeFile(join(folder, 'kubeconfig'), JSON.stringify(kubeconfig), { mode: 0o600 }),
    writeFile(join(folder, 'containerd.toml'), containerd(facts)),
    writeFile(join(folder, 'kubelet.json'), JSON.stringify(kubelet(facts), null, 1)),
    writeFile(join(folder, 'cni', '10-node.conflist'), JSON.stringify(network(), null, 1)),
  ]);
}

const containerd = ({ folder, pauseImage }: NodeFacts): string => `version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
[grpc]
  address = "/run/containerd/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  # Lowering a process's score takes a capability that many build machines withhold.
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${join(folder, 'cni')}"
`;

const kubelet = ({ cgroup }: NodeFacts): object => ({
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  kind: 'KubeletConfiguration',
  authentication: { anonymous: { enabled: false }, webhook: { enabled: false } },
  authorization: { mode: 'AlwaysAllow' },
  failSwapOn: false,
  failCgroupV1: false,
  cgroupDriver: 'cgroupfs',
  cgroupRoot: `/${cgroup}`,
  enforceNodeAllocatable: [],
  containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
  resolvConf: '',
  // Nobody answers there; without an address each pod would get a warning that no pod of a cluster has.
  clusterDNS: ['10.96.0.10'],
  clusterDomain: 'cluster.local',
  healthzPort: 0,
  readOnlyPort: 0,
  makeIPTablesUtilChains: false,
  // A suite does not wait ten seconds for what a node knows already.
  nodeStatusUpdateFrequency: '2s',
  nodeStatusReportFrequency: '10s',
  // A build machine's disk may be fuller than a node's.
  evictionHard: { 'memory.available': '50Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
  imageGCHighThresholdPercent: 100,
  serializeImagePulls: false,
});

const network = (): object => ({
  cniVersion: '0.4.0',
  name: 'node',
  plugins: [
    {
      type: 'bridge',
      bridge: 'node0',
      isGateway: false,
      ipMasq: false,
      ipam: {
        type: 'host-local',
        ranges: [[{ subnet: '10.20.0.0/16', rangeStart: '10.20.1.1', gateway: NODE_ADDRESS }]],
        routes: [{ dst: '0.0.0.0/0' }],
      },
    },
    { type: 'loopback' },
  ],
});
