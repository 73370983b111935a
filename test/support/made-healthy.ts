import {
  RUNNING,
  aPodThat,
  backedOff,
  creating,
  event,
  givenUp,
  notPulled,
  scheduled,
  unschedulable,
  waits,
} from './made-spawns.js';
import { MOUNTS } from './made-mounts.js';
import { PULLS } from './made-pulls.js';
import type { Step, Steps } from './made-spawns.js';

const none = '0/3 nodes are available: ';
const preempt = '. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.';
const crashed = { terminated: { reason: 'Error', exitCode: 1, message: 'no home' } };

/** What is told while patience may still help; none of it ends a spawn. */
export const PATIENT: readonly (readonly [string, string, Step])[] = [
  ['cpu_short', 'full nodes', unschedulable(`${none}3 Insufficient cpu${preempt}`)],
  [
    'memory_short',
    'nodes without memory',
    unschedulable(`${none}1 node(s) had untolerated taint {a: b}, 2 Insufficient memory${preempt}`),
  ],
  ['resource_short', 'nodes without a GPU', unschedulable(`${none}3 Insufficient nvidia.com/gpu${preempt}`)],
  ['nodes_full', 'nodes with as many pods as they may', unschedulable(`${none}3 Too many pods${preempt}`)],
  [
    'nodes_excluded',
    'a selector that matches nothing',
    unschedulable(`${none}3 node(s) didn't match Pod's node affinity/selector${preempt}`),
  ],
  [
    'nodes_tainted',
    'nodes for somebody else',
    unschedulable(`${none}3 node(s) had untolerated taint(s)${preempt}`),
  ],
  [
    'nodes_not_ready',
    'nodes that just came',
    unschedulable(`${none}3 node(s) had untolerated taint {node.kubernetes.io/not-ready: }${preempt}`),
  ],
  ['nodes_cordoned', 'maintenance', unschedulable(`${none}3 node(s) were unschedulable${preempt}`)],
  ['no_nodes', 'a cluster asleep', unschedulable('no nodes available to schedule pods')],
  [
    'claim_unbound',
    'a claim on its way',
    unschedulable(`${none}pod has unbound immediate PersistentVolumeClaims${preempt}`),
  ],
  ['claim_missing', 'a claim not made yet', unschedulable(`${none}persistentvolumeclaim "home" not found`)],
  [
    'volume_elsewhere',
    'a volume in another zone',
    unschedulable(`${none}3 node(s) had volume node affinity conflict${preempt}`),
  ],
  [
    'volumes_exhausted',
    'too many volumes',
    unschedulable(`${none}3 node(s) exceed max volume count${preempt}`),
  ],
  [
    'scheduling_gated',
    'a queueing system',
    unschedulable('Scheduling is blocked due to non-empty scheduling gates', 'SchedulingGated'),
  ],
  [
    'volume_elsewhere',
    'a volume in another zone, as schedulers say since 1.35',
    unschedulable(`${none}3 node(s) didn't match PersistentVolume's node affinity${preempt}`),
  ],
  [
    'volume_in_use',
    'a claim that one pod alone may use',
    unschedulable(
      `${none}1 node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod${preempt}`,
    ),
  ],
  [
    'nodes_not_ready',
    'a node that its cloud has not introduced yet',
    unschedulable(
      `${none}3 node(s) had untolerated taint {node.cloudprovider.kubernetes.io/uninitialized: true}${preempt}`,
    ),
  ],
  [
    'nodes_not_ready',
    'a node whose network plugin starts',
    unschedulable(`${none}3 node(s) had untolerated taint {node.cilium.io/agent-not-ready: }${preempt}`),
  ],
  [
    'claim_unbound',
    'a disk that is not made in time, once the node was chosen',
    unschedulable(
      'running PreBind plugin "VolumeBinding": binding volumes: context deadline exceeded',
      'SchedulerError',
    ),
  ],
  ['unschedulable', 'words that nobody knows', unschedulable('the moon is full')],
  [
    'unschedulable',
    'a scheduler that stumbles',
    unschedulable('running Bind plugin "DefaultBinder": etcdserver: request timed out', 'SchedulerError'),
  ],
  [
    'autoscaler_scaling_up',
    'an autoscaler at work',
    event('TriggeredScaleUp', 'pod triggered scale-up: [{labs 1->2 (max: 10)}]', 'Normal'),
  ],
  [
    'autoscaler_scaling_up',
    'Karpenter at work',
    event('Nominated', 'Pod should schedule on: nodeclaim/labs-x', 'Normal'),
  ],
  [
    'autoscaler_cannot_help',
    'an autoscaler at its limit',
    event('NotTriggerScaleUp', "pod didn't trigger scale-up: 1 max node group size reached", 'Normal'),
  ],
  [
    'autoscaler_cannot_help',
    'Karpenter at its limit',
    event(
      'FailedScheduling',
      'Failed to schedule pod, all available instance types exceed limits for nodepool: "labs"',
    ),
  ],
  [
    'autoscaler_failed',
    'a cloud without GPUs for now',
    event(
      'FailedScaleUp',
      'Node scale up in zones us-central1-a associated with this pod failed: GCE out of resources. Pod is at risk of not being scheduled.',
    ),
  ],
  ...PULLS,
  ['image_missing', 'one look at a registry that lags behind', notPulled(': not found')],
  [
    'config_missing',
    'a ConfigMap that the kubelet has not seen yet',
    waits('CreateContainerConfigError', 'configmap "rachel-nb-env" not found'),
  ],
  ...MOUNTS,
  [
    'pod_network_failed',
    'a network plugin that starts',
    event('FailedCreatePodSandBox', 'Failed to create pod sandbox: plugin type="calico" failed (add)'),
  ],
  [
    'sandbox_failed',
    'a node that cannot get the image of sandboxes',
    event(
      'FailedCreatePodSandBox',
      'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to get sandbox image "registry.k8s.io/pause:3.10": dial tcp 34.96.108.209:443: connect: network is unreachable',
    ),
  ],
  [
    'sandbox_failed',
    'a busy runtime',
    event('FailedCreatePodSandBox', 'Failed to create pod sandbox: rpc error: code = DeadlineExceeded'),
  ],
  [
    'pod_network_failed',
    'a node that just came',
    event('NetworkNotReady', 'network is not ready: cni config uninitialized'),
  ],
  ['post_start_hook_failed', 'a hook that fails once', event('FailedPostStartHook', 'PostStartHook failed')],
  ['lab_crashed', 'one crash', aPodThat({ state: crashed })],
  [
    'oom_killed',
    'one container that needed too much',
    aPodThat({ state: { terminated: { reason: 'OOMKilled', exitCode: 137 } } }),
  ],
  [
    'node_restarted',
    'a node that is started anew',
    aPodThat({
      state: { waiting: { reason: 'PodInitializing' } },
      last: { terminated: { reason: 'Unknown', exitCode: 255 } },
      restarts: 1,
    }),
  ],
  [
    'node_restarted',
    'a node that is started anew while it prepares the lab',
    aPodThat({
      init: { terminated: { reason: 'ContainerStatusUnknown', exitCode: 137 } },
      initRestarts: 3,
    }),
  ],
  ['init_container_failed', 'a preparation that fails once', aPodThat({ init: crashed })],
];

/** What a kubelet says once, long after the pod was made. */
const afterScaleUp = (what: string, reason: string, words: string): readonly [string, Steps] => [
  what,
  [
    [0, unschedulable(`${none}3 Insufficient cpu`)],
    [300, scheduled],
    [302, creating],
    [420, waits(reason, words)],
    [425, creating],
  ],
];

/** containerd loses what it has just pulled, as when another pull of the same layers is under way. */
const notUnpacked = (words: string): readonly [string, Steps] => {
  const fails = waits(
    'ErrImagePull',
    `rpc error: code = NotFound desc = failed to pull and unpack image "lab": failed to prepare extraction snapshot "extract-1": ${words}`,
  );
  return [
    `a runtime that loses a layer: ${words}`,
    [
      [1, fails],
      [2, givenUp],
      [15, fails],
      [27, creating],
    ],
  ];
};

/** Odd things that are told in their own words, or not at all. */
export const ODD: readonly (readonly [string, Steps])[] = [
  [
    'a pull of nine minutes',
    [
      [0, creating],
      [1, event('Pulling', 'Pulling image "lab"', 'Normal')],
      [
        540,
        event(
          'Pulled',
          'Successfully pulled image "lab" in 9m0s (9m0s including waiting). Image size: 35000000000 bytes.',
          'Normal',
        ),
      ],
    ],
  ],
  [
    'a node that takes five minutes to come',
    [
      [0, unschedulable(`${none}3 Insufficient cpu`)],
      [1, event('TriggeredScaleUp', 'pod triggered scale-up', 'Normal')],
      [300, scheduled],
    ],
  ],
  afterScaleUp(
    'a cache of ConfigMaps that is late on a new node',
    'CreateContainerConfigError',
    'failed to sync configmap cache: timed out waiting for the condition',
  ),
  afterScaleUp(
    'a ConfigMap that a new node has not seen yet',
    'CreateContainerConfigError',
    'configmap "rachel-nb-env" not found',
  ),
  afterScaleUp('a runtime that is slow once', 'CreateContainerError', 'context deadline exceeded'),
  afterScaleUp(
    'a runtime that still makes what it was slow with',
    'CreateContainerError',
    'failed to reserve container name "notebook_rachel-nb": name "notebook_rachel-nb" is reserved for "9f1c"',
  ),
  [
    'a node under load that takes minutes to make the container',
    [
      [1, waits('CreateContainerError', 'context deadline exceeded')],
      [
        125,
        waits(
          'CreateContainerError',
          'failed to reserve container name "notebook_rachel-nb": name "notebook_rachel-nb" is reserved for "9f1c"',
        ),
      ],
      [
        240,
        waits(
          'CreateContainerError',
          'failed to reserve container name "notebook_rachel-nb": name "notebook_rachel-nb" is reserved for "9f1c"',
        ),
      ],
      [250, creating],
    ],
  ],
  [
    'a ConfigMap that comes late, then a command that is not there yet',
    [
      [1, waits('CreateContainerConfigError', 'configmap "rachel-nb-env" not found')],
      [40, waits('CreateContainerError', 'exec: "/lab": stat /lab: no such file or directory')],
      [45, creating],
    ],
  ],
  [
    'a disk that is tidied after five minutes',
    [
      [1, waits('CreateContainerError', 'failed to mkdir "/var/lib/containerd/x": no space left on device')],
      [
        300,
        waits('CreateContainerError', 'failed to mkdir "/var/lib/containerd/y": no space left on device'),
      ],
      [310, creating],
    ],
  ],
  [
    'the scheduler changing its mind',
    [
      [0, unschedulable(`${none}3 Insufficient cpu`)],
      [20, unschedulable(`${none}2 Insufficient cpu, 1 Too many pods`)],
      [40, scheduled],
    ],
  ],
  [
    'two failed mounts of different kinds',
    [
      [
        3,
        event('FailedMount', 'MountVolume.SetUp failed for volume "a" : timed out waiting for the condition'),
      ],
      [120, event('FailedMount', 'Unable to attach or mount volumes: unmounted volumes=[home]')],
    ],
  ],
  [
    'a sandbox made anew',
    [[3, event('SandboxChanged', 'Pod sandbox changed, it will be killed and re-created.', 'Normal')]],
  ],
  ['a resolver with too many entries', [[3, event('DNSConfigForming', 'Nameserver limits were exceeded')]]],
  ['a reason that nobody knows', [[3, event('MoonIsFull', 'wolves howl')]]],
  ['a probe that fails at first', [[3, event('Unhealthy', 'Readiness probe failed: connection refused')]]],
  [
    'a preparation that succeeds at the second try',
    [
      [2, aPodThat({ init: crashed })],
      [15, aPodThat({ init: RUNNING, initLast: crashed, initRestarts: 1 })],
    ],
  ],
  [
    'a sidecar that waited for others through three restarts, and runs now',
    [
      [1, aPodThat({ init: crashed })],
      [
        10,
        aPodThat({ init: { waiting: { reason: 'CrashLoopBackOff' } }, initLast: crashed, initRestarts: 2 }),
      ],
      [40, aPodThat({ init: RUNNING, initLast: crashed, initRestarts: 3 })],
    ],
  ],
  [
    'a registry away, then refusing once, then giving',
    [
      [1, backedOff('connection refused')],
      [20, notPulled('403 Forbidden')],
      [22, backedOff('403 Forbidden')],
    ],
  ],
  [
    'a registry away and backed off, then refusing once, then giving',
    [
      [1, notPulled('dial tcp 10.0.0.1:443: connect: connection refused')],
      [2, backedOff('dial tcp 10.0.0.1:443: connect: connection refused')],
      [15, notPulled('unexpected status: 403 Forbidden')],
      [27, backedOff('unexpected status: 403 Forbidden')],
      [40, creating],
    ],
  ],
  [
    'a registry away and backed off, then one look at a missing image, then giving',
    [
      [1, notPulled('dial tcp 10.0.0.1:443: connect: connection refused')],
      [2, givenUp],
      [15, notPulled(': not found')],
      [16, creating],
    ],
  ],
  [
    'a back-off that is seen first, then one look at a missing image, then giving',
    [
      [1, backedOff('dial tcp 10.0.0.1:443: connect: connection refused')],
      [2, givenUp],
      [15, notPulled(': not found')],
      [16, creating],
    ],
  ],
  ...['content digest sha256:bb: not found', 'parent snapshot sha256:bb does not exist: not found'].map(
    (words) => notUnpacked(words),
  ),
  [
    'one look at a missing image, then a mirror that has it',
    [
      [1, notPulled(': not found')],
      [8, waits('ContainerCreating')],
    ],
  ],
  ['a preempted neighbour', [[1, event('Preempted', 'Preempted by pod x', 'Normal')]]],
  ['a node that is reported silent', [[3, event('NodeNotReady', 'Node is not ready')]]],
  [
    'a status that is empty for a minute',
    [
      [0, aPodThat({})],
      [60, creating],
    ],
  ],
  [
    'a container that terminates with success while others start',
    [[2, aPodThat({ init: { terminated: { reason: 'Completed', exitCode: 0 } } })]],
  ],
];
