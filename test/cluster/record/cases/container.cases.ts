import { at, textAt } from '../../../conformance/json.js';
import { ODD_TAGS } from '../../harness/index.js';
import type { RecordedCase } from '../case.js';
import { NOTEBOOK, POD, RESTRICTED, statusOf, type Stage } from '../stage.js';

/** An init container that runs a line of shell. */
const init = (stage: Stage, line: string, more: object = {}): object => ({
  name: 'inithome',
  image: stage.image('w_2077_40'),
  command: ['/bin/sh', '-c', line],
  securityContext: RESTRICTED,
  terminationMessagePolicy: 'FallbackToLogsOnError',
  volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
  ...more,
});

const withInit = (...initContainers: readonly object[]): object => ({ spec: { initContainers } });

/** Waits until the notebook ended that way at least so often. */
const restarted = (stage: Stage, times: number): Promise<unknown> =>
  stage.pod((pod) => Number(at(statusOf(pod, NOTEBOOK), 'restartCount')) >= times);

const ended = (stage: Stage, reason: string, container = NOTEBOOK): Promise<unknown> =>
  stage.pod((pod) => textAt(statusOf(pod, container), 'state', 'terminated', 'reason') === reason);

const probe = { tcpSocket: { port: 8888 }, periodSeconds: 1, failureThreshold: 30 };

export const containerCases: readonly RecordedCase[] = [
  {
    name: 'crash-loop',
    kind: 'failing',
    story: 'The lab fails at once, again and again, with last words.',
    evidence: 'kubelet',
    run: async (stage) => {
      await stage.lab({ image: stage.image('w_2077_42') });
      await stage.waiting('CrashLoopBackOff');
      await restarted(stage, 3);
    },
  },
  {
    name: 'oom-killed',
    kind: 'failing',
    story: 'The lab takes more memory than it may, each time it starts.',
    evidence: 'kubelet',
    run: async (stage) => {
      await stage.lab({ image: stage.image('w_2077_43') });
      await ended(stage, 'OOMKilled');
      await restarted(stage, 2);
    },
  },
  {
    name: 'exits-at-once',
    kind: 'failing',
    story: 'The lab ends at once as if all were well, so the pod is over.',
    evidence: 'kubelet',
    run: async (stage) => {
      await stage.lab({ image: stage.image('w_2077_44') });
      await ended(stage, 'Completed');
      await stage.pod((pod) => textAt(pod, 'status', 'phase') === 'Succeeded');
    },
  },
  {
    name: 'command-missing',
    kind: 'failing',
    story: "The image has no lab in it: the container's command does not exist.",
    evidence: 'kubelet',
    run: async (stage) => {
      await stage.lab({ image: stage.image(ODD_TAGS.withoutCommand) });
      await stage.waiting('CrashLoopBackOff');
      await restarted(stage, 1);
    },
  },
  {
    name: 'interpreter-missing',
    kind: 'failing',
    story: "The lab's command is a script for a shell that the image lacks.",
    evidence: 'kubelet',
    run: async (stage) => {
      await stage.lab({ image: stage.image(ODD_TAGS.badInterpreter) });
      await stage.waiting('CrashLoopBackOff');
    },
  },
  {
    name: 'runs-as-root',
    kind: 'failing',
    story: 'The container must not run as root, and neither pod nor image names another user.',
    evidence: 'kubelet',
    run: async (stage) => {
      await stage.lab({ notebook: { securityContext: { runAsNonRoot: true } } });
      await stage.waiting('CreateContainerConfigError');
    },
  },
  {
    name: 'foreign-processor',
    kind: 'failing',
    story: "The image's programs were built for another processor.",
    evidence: 'kubelet',
    run: async (stage) => {
      await stage.lab({ image: stage.image(ODD_TAGS.foreign) });
      await stage.waiting('CrashLoopBackOff');
    },
  },
  {
    name: 'init-fails',
    kind: 'failing',
    story: 'An init container fails each time.',
    evidence: 'kubelet',
    run: async (stage) => {
      await stage.lab(withInit(init(stage, 'echo "cannot make /home/rachel: no space left"; exit 1')));
      await stage.waiting('CrashLoopBackOff', 'inithome');
      await stage.pod((pod) => Number(at(statusOf(pod, 'inithome'), 'restartCount')) >= 2);
    },
  },
  {
    name: 'init-oom-killed',
    kind: 'failing',
    story: 'An init container takes more memory than it may.',
    evidence: 'kubelet',
    run: async (stage) => {
      const resources = { limits: { memory: '32Mi' } };
      await stage.lab(withInit(init(stage, 'tail /dev/zero', { resources })));
      await ended(stage, 'OOMKilled', 'inithome');
    },
  },
  {
    name: 'init-image-missing',
    kind: 'failing',
    story: 'The image of an init container does not exist.',
    evidence: 'kubelet',
    run: async (stage) => {
      await stage.lab(withInit(init(stage, 'true', { image: stage.image('w_1999_02') })));
      await stage.waiting('ErrImagePull', 'inithome');
      await stage.waiting('ImagePullBackOff', 'inithome');
    },
  },
  {
    name: 'post-start-fails',
    kind: 'failing',
    story: 'A hook after the start fails, so the container is killed.',
    evidence: 'kubelet',
    run: async (stage) => {
      const lifecycle = { postStart: { exec: { command: ['/bin/false'] } } };
      await stage.lab({ notebook: { lifecycle } });
      await stage.event('FailedPostStartHook');
      await stage.waiting('CrashLoopBackOff');
    },
  },
  {
    name: 'runtime-unknown',
    kind: 'failing',
    story: 'The runtime class exists, and the node knows no such runtime.',
    evidence: 'kubelet',
    run: async (stage) => {
      const name = `sandboxed-${stage.namespace}`;
      const path = '/apis/node.k8s.io/v1/runtimeclasses';
      await stage.api.make(path, { metadata: { name }, handler: 'gvisor' });
      stage.later(() => stage.api.remove(`${path}/${name}`));
      while ((await stage.lab({ spec: { runtimeClassName: name } })) >= 300) await stage.pause(0.5);
      await stage.event('FailedCreatePodSandBox');
    },
  },
  {
    name: 'node-refuses',
    kind: 'failing',
    story: 'The pod came to the node past the scheduler, and the node has no room: it is rejected.',
    evidence: 'kubelet',
    run: async (stage) => {
      const resources = { requests: { memory: '4Ti' }, limits: { memory: '4Ti' } };
      await stage.lab({ notebook: { resources }, spec: { nodeName: stage.node.nodeName } });
      await stage.pod((pod) => textAt(pod, 'status', 'reason') === 'OutOfmemory');
    },
  },
  {
    name: 'node-selector-refused',
    kind: 'failing',
    story: 'The node lost its label between scheduling and start: its kubelet rejects the pod.',
    evidence: 'kubelet',
    run: async (stage) => {
      const spec = { nodeName: stage.node.nodeName, nodeSelector: { disktype: 'ssd' } };
      await stage.lab({ spec });
      await stage.pod((pod) => textAt(pod, 'status', 'reason') === 'NodeAffinity');
    },
  },
  {
    name: 'crashes-twice',
    kind: 'healthy',
    story: 'The lab fails twice and comes to run at the third try.',
    evidence: 'kubelet',
    run: async (stage) => {
      await stage.lab({ image: stage.image('w_2077_45') });
      await restarted(stage, 2);
      await stage.running();
    },
  },
  {
    name: 'crashes-later',
    kind: 'healthy',
    story: 'The lab runs, crashes after some seconds, and runs again.',
    evidence: 'kubelet',
    run: async (stage) => {
      const line = '[ -f /tmp/again ] && exec httpd -f -p 8888; touch /tmp/again; sleep 12; exit 139';
      await stage.lab({ notebook: { args: ['/bin/sh', '-c', line] } });
      await stage.running();
      await restarted(stage, 1);
      await stage.pod((pod) => {
        const status = statusOf(pod, NOTEBOOK);
        return Number(at(status, 'restartCount')) === 1 && at(status, 'ready') === true;
      });
    },
  },
  {
    name: 'slow-to-serve',
    kind: 'healthy',
    story: 'The lab runs at once and serves after four seconds, as its readiness probe says.',
    evidence: 'kubelet',
    run: async (stage) => {
      await stage.lab({ image: stage.image('w_2077_41'), notebook: { readinessProbe: probe } });
      await stage.event('Unhealthy');
      await stage.running();
    },
  },
  {
    name: 'slow-to-start',
    kind: 'healthy',
    story: 'A startup probe fails for some seconds.',
    evidence: 'kubelet',
    run: async (stage) => {
      await stage.lab({ image: stage.image('w_2077_41'), notebook: { startupProbe: probe } });
      await stage.event('Unhealthy');
      await stage.running();
    },
  },
  {
    name: 'slow-init',
    kind: 'healthy',
    story: 'Two init containers take five seconds each.',
    evidence: 'kubelet',
    run: async (stage) => {
      await stage.lab(withInit(init(stage, 'sleep 5'), init(stage, 'sleep 5', { name: 'setup' })));
      await stage.running();
    },
  },
  {
    name: 'init-fails-once',
    kind: 'healthy',
    story: 'An init container fails once, and succeeds when it is tried again.',
    evidence: 'kubelet',
    run: async (stage) => {
      await stage.lab(withInit(init(stage, '[ -f /tmp/again ] || { touch /tmp/again; exit 1; }')));
      await ended(stage, 'Error', 'inithome');
      await stage.running();
    },
  },
  {
    name: 'native-sidecar',
    kind: 'healthy',
    story: 'An init container that goes on beside the lab, as a mesh adds it.',
    evidence: 'kubelet',
    run: async (stage) => {
      await stage.lab(withInit(init(stage, 'sleep 3600', { restartPolicy: 'Always' })));
      await stage.running();
    },
  },
  {
    name: 'sidecar-crashes',
    kind: 'healthy',
    story: 'A sidecar beside the notebook crashes again and again; the notebook does not care.',
    evidence: 'kubelet',
    run: async (stage) => {
      const sidecar = init(stage, 'exit 7', { name: 'proxy' });
      await stage.lab({ spec: { containers: [sidecar] } });
      await stage.running();
      await stage.waiting('CrashLoopBackOff', 'proxy');
    },
  },
  {
    name: 'slow-to-end',
    kind: 'healthy',
    story: 'A lab is deleted and takes its whole grace, because it does not listen to the signal.',
    evidence: 'kubelet',
    run: async (stage) => {
      const args = ['/bin/sh', '-c', 'trap "" TERM; while :; do sleep 1; done'];
      await stage.lab({ notebook: { args }, spec: { terminationGracePeriodSeconds: 5 } });
      await stage.running();
      await stage.remove('pods', POD);
      await stage.timeline.until(
        ({ type, object }) => type === 'DELETED' && textAt(object, 'kind') === 'Pod',
      );
    },
  },
  {
    name: 'again-at-once',
    kind: 'healthy',
    story: 'A lab is deleted and made anew under its old name.',
    evidence: 'nobody',
    run: async (stage) => {
      await stage.lab();
      const { object } = await stage.running();
      await stage.remove('pods', POD);
      while ((await stage.lab()) >= 300) await stage.pause(0.5);
      const uid = textAt(object, 'metadata', 'uid');
      await stage.pod(
        (pod) =>
          textAt(pod, 'metadata', 'uid') !== uid &&
          at(statusOf(pod, NOTEBOOK), 'state', 'running') !== undefined,
      );
    },
  },
];
