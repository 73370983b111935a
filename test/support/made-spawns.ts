import type { Sighting } from './replay.js';

/**
 * Spawns made by hand, in the words of Kubernetes 1.35's sources (kubelet, scheduler, containerd 1.6, cluster-autoscaler 1.35),
 * for what no recording shows. A step is what is seen at one second; a pod that is not mentioned again stays as it is.
 */
export type Step = (second: number) => Sighting;
export type Steps = readonly (readonly [second: number, step: Step])[];

export const timeline = (steps: Steps): Sighting[] => steps.map(([second, step]) => step(second));

const IMAGE = 'registry.example.org/science/lab:w1@sha256:11';

interface State {
  readonly waiting?: { readonly reason: string; readonly message?: string };
  readonly running?: { readonly startedAt: string };
  readonly terminated?: { readonly reason: string; readonly exitCode: number; readonly message?: string };
}

interface Look {
  readonly state?: State;
  readonly init?: State;
  readonly restarts?: number;
  readonly initRestarts?: number;
  readonly last?: State;
  readonly initLast?: State;
  readonly conditions?: readonly object[];
  readonly phase?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly ready?: boolean;
  readonly deleting?: boolean;
}

export const aPodThat =
  (look: Look): Step =>
  (second) => ({
    at: second * 1000,
    type: 'MODIFIED',
    object: {
      kind: 'Pod',
      metadata: {
        name: 'rachel-nb',
        namespace: 'userlabs-rachel',
        uid: 'pod-uid',
        creationTimestamp: '2026-01-02T03:04:05Z',
        ...(look.deleting ? { deletionTimestamp: '2026-01-02T03:05:05Z' } : {}),
      },
      spec: {
        nodeName: 'node-1',
        containers: [{ name: 'notebook', image: IMAGE }],
        ...(look.init || look.initLast ? { initContainers: [{ name: 'prepare', image: IMAGE }] } : {}),
      },
      status: statusOf(look),
    },
  });

const statusOf = (look: Look): object => ({
  phase: look.phase ?? 'Pending',
  reason: look.reason,
  message: look.message,
  conditions: look.conditions ?? [],
  ...(look.init || look.initLast
    ? {
        initContainerStatuses: [
          container('prepare', look.init, { restarts: look.initRestarts, last: look.initLast }),
        ],
      }
    : {}),
  ...(look.state || look.last ? { containerStatuses: [container('notebook', look.state, look)] } : {}),
});

const container = (
  name: string,
  state: State | undefined,
  look: { readonly [name in 'restarts' | 'last' | 'ready']?: Look[name] | undefined },
): object => ({
  name,
  image: IMAGE,
  state: state ?? { waiting: { reason: 'PodInitializing' } },
  lastState: look.last ?? {},
  restartCount: look.restarts ?? 0,
  ready: look.ready ?? false,
});

export const waits = (reason: string, message = ''): Step =>
  aPodThat({ state: { waiting: { reason, message } } });
export const initWaits = (reason: string, message = ''): Step =>
  aPodThat({ init: { waiting: { reason, message } }, state: { waiting: { reason: 'PodInitializing' } } });
export const RUNNING: State = { running: { startedAt: '2026-01-02T03:04:05Z' } };
export const runs: Step = aPodThat({ state: RUNNING, phase: 'Running', ready: true });
export const creating: Step = waits('ContainerCreating');

export const unschedulable = (message: string, reason = 'Unschedulable'): Step =>
  aPodThat({ conditions: [{ type: 'PodScheduled', status: 'False', reason, message }] });
export const scheduled: Step = aPodThat({ conditions: [{ type: 'PodScheduled', status: 'True' }] });

let events = 0;
export const event =
  (
    reason: string,
    message: string,
    type: 'Normal' | 'Warning' = 'Warning',
    container?: Readonly<{ fieldPath: string }>,
  ): Step =>
  (second) => ({
    at: second * 1000,
    type: 'ADDED',
    object: {
      kind: 'Event',
      metadata: { namespace: 'userlabs-rachel', uid: `event-${String((events += 1))}`, resourceVersion: '1' },
      involvedObject: {
        kind: 'Pod',
        namespace: 'userlabs-rachel',
        name: 'rachel-nb',
        uid: 'pod-uid',
        ...container,
      },
      type,
      reason,
      message,
      lastTimestamp: '2026-01-02T03:04:05Z',
    },
  });

const NAME = 'registry.example.org/science/lab@sha256:11';
const STEM = `failed to pull and unpack image "${NAME}": failed to resolve reference "${NAME}"`;
/** containerd's words about a pull that failed for `why`. */
export const pullError = (why: string): string => `rpc error: code = Unknown desc = ${STEM}: ${why}`;
export const notPulled = (why: string): Step => waits('ErrImagePull', pullError(why));
export const backedOff = (why: string): Step =>
  waits('ImagePullBackOff', `Back-off pulling image "${IMAGE}": ErrImagePull: ${pullError(why)}`);
/** What a kubelet says before the pod's status does. */
export const givenUp: Step = event('BackOff', 'Back-off pulling image "lab"', 'Normal', {
  fieldPath: 'spec.containers{notebook}',
});
export const refusedWith =
  (message: string, code = 403): Step =>
  (second) => ({ at: second * 1000, type: 'REFUSED', object: { kind: 'Status', message, code } });
