import { timestamp } from '../events.js';
import type { Condition } from '../types.js';

/** A node to be simulated; what is absent gets the defaults of a mid-sized machine. */
export interface NodeSpec {
  name: string;
  labels?: Record<string, string>;
  taints?: { key: string; value?: string; effect: string }[];
  /** Quantities by resource; default 16 CPU, 64Gi, 110 pods, 200Gi of disk. */
  capacity?: Record<string, string>;
}

export const defaultCapacity = { cpu: '16', memory: '64Gi', pods: '110', 'ephemeral-storage': '200Gi' };

/** The Node object a kubelet registers. `index` gives it its addresses. */
export function nodeObject(spec: NodeSpec, index: number): object {
  const { name } = spec;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        'beta.kubernetes.io/arch': 'amd64',
        'beta.kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        ...spec.labels,
      },
    },
    spec: { podCIDR: `${podNetwork(index)}.0.0/16`, ...(spec.taints && { taints: spec.taints }) },
    status: nodeStatus(spec, index),
  };
}

export const podNetwork = (index: number): string => `10.${100 + (index % 150)}`;
export const hostAddress = (index: number): string => `10.20.${Math.floor(index / 250)}.${(index % 250) + 1}`;

/** The whole status of a healthy node. */
export function nodeStatus(spec: NodeSpec, index: number): Record<string, unknown> {
  const capacity = { ...defaultCapacity, ...spec.capacity };
  return {
    capacity,
    allocatable: capacity,
    conditions: healthy(),
    addresses: [
      { type: 'InternalIP', address: hostAddress(index) },
      { type: 'Hostname', address: spec.name },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    nodeInfo: {
      architecture: 'amd64',
      bootID: '',
      containerRuntimeVersion: 'containerd://2.1.4',
      kernelVersion: '6.1.0-simulated',
      kubeProxyVersion: '',
      kubeletVersion: 'v1.35.1',
      machineID: '',
      operatingSystem: 'linux',
      osImage: 'Berth simulator',
      systemUUID: '',
    },
  };
}

/** The conditions of a node that is well. */
export function healthy(): Condition[] {
  return [
    quiet('MemoryPressure', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
    quiet('DiskPressure', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
    quiet('PIDPressure', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
    { ...quiet('Ready', 'KubeletReady', 'kubelet is posting ready status'), status: 'True' },
  ];
}

/** The conditions that the node controller writes for a kubelet it has not heard of for too long. */
export function unheard(): Condition[] {
  const message = 'Kubelet stopped posting node status.';
  return healthy().map((each) => ({ ...each, status: 'Unknown', reason: 'NodeStatusUnknown', message }));
}

function quiet(type: string, reason: string, message: string): Condition {
  const now = timestamp();
  return { type, status: 'False', reason, message, lastHeartbeatTime: now, lastTransitionTime: now };
}
