import {
  RUNNING,
  aPodThat,
  backedOff,
  creating,
  initWaits,
  notPulled,
  refusedWith,
  waits,
} from './made-spawns.js';
import type { Steps } from './made-spawns.js';

const config = (words: string): Steps => [
  [0, creating],
  [2, waits('CreateContainerConfigError', words)],
  [13, waits('CreateContainerConfigError', words)],
];
const ended = (look: Parameters<typeof aPodThat>[0]): Steps => [
  [0, creating],
  [3, aPodThat({ phase: 'Failed', ...look })],
];
const crashed = { terminated: { reason: 'Error', exitCode: 1, message: 'no home' } };

type HopelessSpawn = readonly [code: string, what: string, steps: Steps];

/** Spawns that cannot succeed: the code they fail with, and what is seen of them. */
export const HOPELESS: readonly HopelessSpawn[] = [
  [
    'image_missing',
    'an image that the registry does not have',
    [
      [1, notPulled(': not found')],
      [3, backedOff(': not found')],
    ],
  ],
  [
    'image_missing',
    'a manifest that is unknown',
    [
      [1, notPulled('manifest unknown')],
      [8, backedOff('manifest unknown')],
    ],
  ],
  [
    'image_missing',
    'a tag that has expired',
    [
      [1, notPulled('unknown: Tag w1 was deleted or has expired. To pull, revive via time machine')],
      [8, backedOff('unknown: Tag w1 was deleted or has expired. To pull, revive via time machine')],
    ],
  ],
  // Builds are numbered, and a number is no status.
  ...[
    'reading manifest 403 in registry.example.org/science/lab: manifest unknown',
    'pulling from host registry.example.org failed with status code [manifests 502]: 404 Not Found',
    'registry.example.org/science/lab:1.429: not found',
  ].map((why): HopelessSpawn => [
    'image_missing',
    `a tag that is a number: ${why}`,
    [
      [1, notPulled(why)],
      [9, backedOff(why)],
    ],
  ]),
  ['image_invalid', 'a name that is none', [[1, waits('InvalidImageName', "couldn't parse image name")]]],
  [
    'image_wrong_platform',
    'an image for ARM',
    [
      [1, notPulled('no match for platform in manifest: not found')],
      [9, backedOff('no match for platform in manifest: not found')],
    ],
  ],
  ...['image index for architecture "arm64", variant "v8", OS "linux"', 'manifest list'].map(
    (where): HopelessSpawn => [
      'image_wrong_platform',
      `an image that CRI-O finds for no processor in the ${where}`,
      [
        [1, notPulled(`choosing an image: no image found in ${where}`)],
        [9, backedOff(`choosing an image: no image found in ${where}`)],
      ],
    ],
  ),
  [
    'pull_forbidden_here',
    'a policy of Never',
    [[1, waits('ErrImageNeverPull', 'is not present with pull policy of Never')]],
  ],
  [
    'image_not_verified',
    'an image without signature',
    [[1, waits('SignatureValidationFailed', 'Source image rejected')]],
  ],
  [
    'pull_denied',
    'a registry that refuses twice',
    [
      [1, notPulled('pull access denied, repository does not exist or may require authorization')],
      [3, backedOff('pull access denied, repository does not exist or may require authorization')],
      [15, notPulled('unexpected status: 401 Unauthorized')],
      [17, backedOff('unexpected status: 401 Unauthorized')],
    ],
  ],
  [
    'image_missing',
    'an init container’s image that is missing',
    [
      [1, initWaits('ErrImagePull', 'x: not found')],
      [9, initWaits('ImagePullBackOff', 'x: not found')],
    ],
  ],
  ['config_missing', 'a ConfigMap that never comes', config('configmap "extra" not found')],
  [
    'config_missing',
    'a Secret without the key',
    config("couldn't find key token in Secret userlabs-rachel/rachel-nb"),
  ],
  [
    'root_refused',
    'an image that runs as root',
    config('container has runAsNonRoot and image will run as root (pod: "rachel-nb", container: notebook)'),
  ],
  [
    'root_refused',
    'an image with a named user',
    config(
      'container has runAsNonRoot and image has non-numeric user (jovyan), cannot verify user is non-root',
    ),
  ],
  [
    'command_missing',
    'an image that is no lab',
    [
      [1, creating],
      [
        14,
        waits(
          'RunContainerError',
          'failed to create containerd task: exec: "/lab": stat /lab: no such file or directory',
        ),
      ],
    ],
  ],
  [
    'device_missing',
    'a GPU that is gone',
    [
      [1, creating],
      [14, waits('CreateContainerError', 'unresolvable CDI devices nvidia.com/gpu=all')],
    ],
  ],
  [
    'container_config_error',
    'words that nobody knows',
    [
      [1, creating],
      [14, waits('CreateContainerError', 'the moon is full')],
    ],
  ],
  [
    'init_container_failed',
    'a preparation that fails again and again',
    [
      [1, aPodThat({ init: crashed })],
      [
        60,
        aPodThat({ init: { waiting: { reason: 'CrashLoopBackOff' } }, initLast: crashed, initRestarts: 3 }),
      ],
    ],
  ],
  [
    'crash_looping',
    'a lab that crashes for the third time',
    [
      [1, aPodThat({ state: crashed })],
      [60, aPodThat({ state: { waiting: { reason: 'CrashLoopBackOff' } }, last: crashed, restarts: 3 })],
    ],
  ],
  [
    'oom_killed',
    'a lab that needs more memory than it may have',
    [
      [1, aPodThat({ state: RUNNING, restarts: 1 })],
      [
        50,
        aPodThat({
          state: { waiting: { reason: 'CrashLoopBackOff' } },
          last: { terminated: { reason: 'OOMKilled', exitCode: 137 } },
          restarts: 3,
        }),
      ],
    ],
  ],
  [
    'command_missing',
    'a start that fails for good',
    [
      [
        50,
        aPodThat({
          state: { waiting: { reason: 'CrashLoopBackOff' } },
          last: { terminated: { reason: 'StartError', exitCode: 128, message: 'exec: not found' } },
          restarts: 3,
        }),
      ],
    ],
  ],
  [
    'image_wrong_platform',
    'a binary of another processor',
    [
      [
        50,
        aPodThat({
          state: { waiting: { reason: 'CrashLoopBackOff' } },
          last: { terminated: { reason: 'Error', exitCode: 1, message: 'exec /lab: exec format error' } },
          restarts: 3,
        }),
      ],
    ],
  ],
  [
    'evicted',
    'a node that runs out of memory',
    ended({ reason: 'Evicted', message: 'The node was low on resource: memory.' }),
  ],
  [
    'storage_limit_exceeded',
    'a lab that fills its /tmp',
    ended({ reason: 'Evicted', message: 'Usage of EmptyDir volume "tmp" exceeds the limit "1Gi". ' }),
  ],
  [
    'storage_limit_exceeded',
    'a lab that writes too much beside its volumes',
    ended({
      reason: 'Evicted',
      message: 'Pod ephemeral local storage usage exceeds the total limit of containers 2Gi. ',
    }),
  ],
  [
    'storage_limit_exceeded',
    'a container that writes too much beside its volumes',
    ended({
      reason: 'Evicted',
      message: 'Container notebook exceeded its local ephemeral storage limit "2Gi". ',
    }),
  ],
  [
    'preempted',
    'a more important pod',
    ended({ reason: 'Preempting', message: 'Preempted in order to admit critical pod' }),
  ],
  [
    'node_shut_down',
    'a node that is shut down',
    ended({ reason: 'Terminated', message: 'Pod was terminated in response to imminent node shutdown.' }),
  ],
  [
    'refused_by_node',
    'a node without room after all',
    ended({ reason: 'OutOfcpu', message: 'Node didn’t have enough resource: cpu' }),
  ],
  [
    'refused_by_node',
    'a node whose device plugin is gone',
    ended({ reason: 'UnexpectedAdmissionError', message: 'Allocate failed' }),
  ],
  ['deadline_exceeded', 'a pod with a time limit', ended({ reason: 'DeadlineExceeded' })],
  [
    'drained',
    'a node that is drained',
    [
      [0, creating],
      [
        3,
        aPodThat({
          deleting: true,
          conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI' }],
        }),
      ],
    ],
  ],
  [
    'node_lost',
    'a node that failed',
    [
      [0, creating],
      [
        3,
        aPodThat({
          deleting: true,
          conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'DeletionByTaintManager' }],
        }),
      ],
    ],
  ],
  [
    'pod_deleted',
    'a pod that somebody deletes',
    [
      [0, creating],
      [3, aPodThat({ deleting: true })],
    ],
  ],
  [
    'pod_ended',
    'an end that nobody explains',
    ended({ state: { terminated: { reason: 'Error', exitCode: 3, message: 'bye' } } }),
  ],
  [
    'quota_exceeded',
    'a quota without room',
    [
      [
        0,
        refusedWith(
          'pods "rachel-nb" is forbidden: exceeded quota: rachel-nb, requested: limits.cpu=2, used: limits.cpu=3, limited: limits.cpu=4',
        ),
      ],
    ],
  ],
  ['object_refused', 'words that nobody knows', [[0, refusedWith('the moon is full', 422)]]],
];
