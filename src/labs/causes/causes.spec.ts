import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { aContainer, aPod, after } from '../../../test/gen/observed.js';
import { event, pullError } from '../../../test/support/made-spawns.js';
import { bytes, milliCpu } from '../../common/units.js';
import { KubernetesError } from '../../kubernetes/index.js';
import { readPodEvent } from '../../kubernetes/pod-event.js';
import { relayed } from '../lab.relay.js';
import { causesOf, disruptionOf, endOf, notYet, refused, restartOf } from './index.js';

interface Answer {
  readonly name: string;
  readonly status: number;
  readonly body: { readonly message: string; readonly reason?: string };
}
const { records } = JSON.parse(readFileSync('test/fixtures/kubernetes/answers.json', 'utf8')) as {
  records: readonly Answer[];
};

/** As Kubernetes 1.35.1 really answered; `test/fixtures/kubernetes/record.mjs` made it do so. */
const answered = (name: string): KubernetesError => {
  const { status, body } = records.find((record) => record.name === name)!;
  return said(body.message, status);
};
const said = (apiMessage: string, status = 403): KubernetesError =>
  new KubernetesError({
    ...{ verb: 'create', kind: 'Pod', namespace: 'userlabs-rachel', name: 'rachel-nb' },
    ...{ status, apiMessage, verdict: 'permanent' },
  });

const size = (cpu: number, gibibytes: number) => ({
  cpu: milliCpu(cpu * 1000),
  memory: bytes(gibibytes * 1024 ** 3),
});
const told = (words: string, requests = size(4, 16), largestNode = size(8, 32)) =>
  causesOf(aPod({ unschedulable: words }), after(1), { requests, largestNode })[0]!;

describe('refused', () => {
  it.each([
    ['quota-exceeded', 'quota_exceeded'],
    ['quota-unspecified', 'sidecar_without_limits'],
    ['limit-range', 'limits_exceeded'],
    ['webhook-denied', 'webhook_denied'],
    ['admission-policy', 'policy_denied'],
    ['pod-security', 'pod_security_denied'],
    ['rbac-forbidden', 'not_allowed'],
    ['no-priority-class', 'object_refused'],
    ['invalid', 'object_refused'],
    ['etcd-too-large', 'object_refused'],
  ])('knows what %s means', (recorded, code) => {
    const error = answered(recorded);

    const telling = refused(error);

    expect(telling).toMatchObject({ reason: code, severity: 'error' });
    expect(telling.evidence ?? telling.message).toContain(error.apiMessage.slice(0, 200));
  });

  it.each([
    'cpu max limit to request ratio per Container is 2, but provided ratio is 4.000000',
    '[cpu max limit to request ratio per Container is 2, but provided ratio is 4.000000, memory max limit to request ratio per Container is 2, but provided ratio is 4.000000]',
  ])('knows the ratio that a LimitRange demands: %s', (words) => {
    expect(refused(said(`pods "rachel-nb" is forbidden: ${words}`)).reason).toBe('limits_exceeded');
  });

  it('says by how much a quota is exceeded', () => {
    const words =
      'pods "rachel-nb" is forbidden: exceeded quota: labs, requested: limits.cpu=2,limits.memory=4Gi, used: limits.cpu=3,limits.memory=0, limited: limits.cpu=4,limits.memory=8Gi';

    expect(refused(said(words)).message).toBe(
      'The quota labs has no room for the lab: limits.cpu 2 wanted, 3 of 4 in use; limits.memory 4Gi wanted, 0 of 8Gi in use',
    );
  });

  it('names the sidecar without limits', () => {
    const words =
      'pods "x" is forbidden: failed quota: labs: must specify limits.cpu for: istio-proxy; limits.memory for: istio-proxy';

    expect(refused(said(words)).message).toContain('Container istio-proxy has no limits');
  });

  it('tells of a webhook that does not answer, as something that passes', () => {
    expect(notYet(answered('webhook-unreachable'))).toMatchObject({
      reason: 'webhook_unreachable',
      severity: 'warning',
    });
    expect(notYet(answered('missing-service-account')).reason).toBe('cluster_not_ready');
  });

  it('tells of an API server that does not answer, as something that passes', () => {
    expect(notYet(said('no answer: the deadline passed', 0))).toMatchObject({
      reason: 'api_silent',
      message: 'The API server does not answer when it is to create a Pod',
      severity: 'warning',
      who: 'operator',
    });
  });
});

describe('a pod without a node', () => {
  it('says which resource is short, and how far the nodes are from it', () => {
    const { telling } = told(
      '0/3 nodes are available: 1 node(s) had untolerated taint {a: b}, 2 Insufficient cpu.',
    );

    expect(telling).toMatchObject({
      reason: 'cpu_short',
      message:
        'Too little CPU is free on 2 nodes: the lab asks for 4 CPU, and the largest node has 8 CPU in all',
    });
  });

  it('says so when not even an empty node would do', () => {
    const { telling } = told('0/1 nodes are available: 1 Insufficient memory.', size(1, 64));

    expect(telling).toMatchObject({ reason: 'node_too_small', who: 'user' });
    expect(telling.message).toContain('asks for 64 GiB, and the largest node has 32 GiB');
  });

  it('is never hopeless', () => {
    expect(told('0/1 nodes are available: 1 Insufficient memory.', size(1, 64)).certain).toBe(false);
  });
});

const RUNC =
  'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process';

describe('a container that cannot be started', () => {
  const words: readonly (readonly [code: string, who: string, words: string])[] = [
    [
      'command_missing',
      'user',
      `${RUNC}: exec: "/opt/nvidia/nvidia_entrypoint.sh": stat /opt/nvidia/nvidia_entrypoint.sh: no such file or directory: unknown`,
    ],
    ['command_missing', 'user', `${RUNC}: exec: "lab": executable file not found in $PATH: unknown`],
    ['command_missing', 'user', `${RUNC}: exec: "/home": permission denied: unknown`],
    ['image_wrong_platform', 'operator', `${RUNC}: exec: "/lab": exec format error: unknown`],
    ['image_wrong_platform', 'operator', 'exec container process `/usr/bin/tini`: Exec format error'],
    [
      'device_missing',
      'operator',
      `${RUNC}: error during container init: error running prestart hook #0: exit status 1, stdout: , stderr: nvidia-container-cli: initialization error: load library failed: libnvidia-ml.so.1: cannot open shared object file: no such file or directory: unknown`,
    ],
    [
      'device_missing',
      'operator',
      'error gathering device information while adding custom device "/dev/kvm": no such file or directory',
    ],
    [
      'container_config_error',
      'operator',
      `${RUNC}: error during container init: error mounting "/var/lib/kubelet/pods/u/volumes/kubernetes.io~nfs/home" to rootfs at "/home": stat /var/lib/kubelet: permission denied: unknown`,
    ],
    [
      'container_config_error',
      'operator',
      `${RUNC}: chdir to cwd ("/home/rachel") set in config.json failed: permission denied: unknown`,
    ],
    [
      'container_config_error',
      'operator',
      `${RUNC}: unable to apply apparmor profile: write /proc/self/attr/apparmor/exec: no such file or directory: unknown`,
    ],
    [
      'container_config_error',
      'operator',
      'failed to create containerd task: failed to create shim task: context deadline exceeded: unknown',
    ],
    [
      'container_config_error',
      'operator',
      'failed to create containerd container: failed to unmount target: device or resource busy',
    ],
    [
      'container_config_error',
      'operator',
      'failed to generate container "5e2c" spec: failed to generate spec: failed to stat "/data/homes": stat /data/homes: no such file or directory',
    ],
    [
      'container_config_error',
      'operator',
      'failed to resolve symlink "/mnt/homes": lstat /mnt/homes: no such file or directory',
    ],
    [
      'container_config_error',
      'operator',
      'failed to generate seccomp spec opts: cannot load seccomp profile "/var/lib/kubelet/seccomp/lab.json": open /var/lib/kubelet/seccomp/lab.json: no such file or directory',
    ],
    [
      'container_config_error',
      'operator',
      'failed to create containerd task: failed to create shim task: OCI runtime create failed: unable to retrieve OCI runtime error (open /run/containerd/io.containerd.runtime.v2.task/k8s.io/5e2c/log.json: no such file or directory): runc did not terminate successfully: exit status 127: unknown',
    ],
    [
      'container_config_error',
      'operator',
      'failed to create containerd task: failed to create shim task: OCI runtime create failed: unable to retrieve OCI runtime error (open /run/containerd/io.containerd.runtime.v2.task/k8s.io/5e2c/log.json: no such file or directory): exec: "runc": executable file not found in $PATH: unknown',
    ],
    ['oom_killed', 'user', `${RUNC}: container init was OOM-killed (memory limit too low?): unknown`],
    [
      'command_missing',
      'user',
      'failed to generate container "5e2c" spec: failed to generate spec: no command specified',
    ],
    [
      'command_missing',
      'user',
      'container create failed: executable file `lab` not found in $PATH: No such file or directory',
    ],
    ['command_missing', 'user', 'container create failed: open executable: Permission denied'],
    [
      'node_disk_full',
      'operator',
      'failed to create containerd container: failed to mkdir "/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/new-12": no space left on device',
    ],
  ];

  it.each(words)('is told of as %s, to the %s, while it waits: %s', (code, who, message) => {
    const notebook = aContainer({ reason: 'RunContainerError', message });

    expect(causesOf(aPod({ notebook }), after(1))).toMatchObject([
      { certain: false, telling: { reason: code, who } },
    ]);
  });

  it.each(words)('ends the spawn with %s, for the %s, once it is a loop: %s', (code, who, message) => {
    const lastEnd = { reason: 'StartError', exitCode: 128, message };
    const notebook = aContainer({ reason: 'CrashLoopBackOff', restarts: 3, lastEnd });

    expect(causesOf(aPod({ notebook }), after(60))).toMatchObject([
      { certain: true, telling: { reason: code, who } },
    ]);
  });
});

describe('a container that the user did not choose', () => {
  const correct = expect.stringMatching(/^Correct the image of this container/) as string;
  const init = (changes: Parameters<typeof aContainer>[0]) =>
    causesOf(aPod({ inits: [aContainer({ name: 'nublado-std-startup', ...changes })] }), after(60))[0]!
      .telling;
  const loop = (reason: string) =>
    init({
      reason: 'CrashLoopBackOff',
      restarts: 3,
      lastEnd: { reason, exitCode: 128, message: 'exec: "nublado": executable file not found in $PATH' },
    });

  it.each([
    ['image_missing', init({ reason: 'ImagePullBackOff', message: 'reg/utility:1: not found' })],
    ['image_invalid', init({ reason: 'InvalidImageName', message: 'x' })],
    ['command_missing', loop('StartError')],
    ['root_refused', init({ reason: 'CreateContainerConfigError', message: 'image will run as root' })],
  ])('is for the operator to correct: %s', (reason, telling) => {
    expect(telling).toMatchObject({ reason, who: 'operator', remedy: correct });
  });

  it('is for the operator to give more memory', () => {
    expect(loop('OOMKilled')).toMatchObject({
      reason: 'oom_killed',
      who: 'operator',
      remedy: 'Give this container more memory, or choose a larger size',
    });
  });

  it.each([
    ['spec.containers{istio-proxy}', 'operator'],
    ['spec.initContainers{prepare}', 'operator'],
    ['spec.containers{notebook}', 'user'],
    [undefined, 'user'],
  ])('is known by what its events name: %s is for the %s', (fieldPath, who) => {
    const message = `Failed to pull image "docker.io/istio/proxyv2:1.99": ${pullError(': not found')}`;
    const { object } = event(
      'Failed',
      message,
      'Warning',
      fieldPath === undefined ? undefined : { fieldPath },
    )(1);

    expect(relayed(readPodEvent(object))).toMatchObject({ reason: 'image_missing', who });
  });
});

describe('a pod that is over', () => {
  const ended = (exitCode: number, message: string) =>
    endOf(
      aPod({ over: true, notebook: aContainer({ state: 'terminated', reason: 'Error', exitCode, message }) }),
    );

  it('tells the exit code and the last words of what ended by itself', () => {
    expect(ended(137, '').message).toBe('The lab ended: Error (exit code 137)');
    expect(ended(1, 'ImportError: libfoo.so.1')).toMatchObject({
      reason: 'pod_ended',
      message: 'The lab ended: Error (exit code 1)',
      evidence: 'ImportError: libfoo.so.1',
    });
    expect(ended(0, '')).toMatchObject({ reason: 'exited', message: 'The lab ended by itself' });
  });
});

describe('a pod that a kubelet refuses', () => {
  const refusedFor = (overReason: string, why: string) =>
    endOf(aPod({ over: true, overReason, overMessage: `Pod was rejected: ${why}` }));

  it.each([
    ['TaintToleration', "Predicate TaintToleration failed: node(s) had taints that the pod didn't tolerate"],
    ['TopologyAffinityError', 'Resources cannot be allocated with Topology locality'],
    ['PodOSNotSupported', "Failed to admit pod as the OS field doesn't match node OS"],
    ['AppArmor', 'Cannot enforce AppArmor: AppArmor is not enabled on the host'],
    ['TheMoonIsFull', 'wolves howl'],
  ])('is told so, whatever it says: %s', (reason, why) => {
    expect(refusedFor(reason, why)).toMatchObject({
      reason: 'refused_by_node',
      message: 'The node refused the lab when it arrived',
      evidence: `Pod was rejected: ${why}`,
    });
  });

  it.each([
    ['OutOfcpu', 'The node had no CPU left when the lab arrived'],
    ['OutOfnvidia.com/gpu', 'The node had no nvidia.com/gpu left when the lab arrived'],
    ['OutOfephemeral-storage', 'The node had no ephemeral-storage left when the lab arrived'],
  ])('is told what the node lacks: %s', (reason, message) => {
    expect(refusedFor(reason, "Node didn't have enough resource")).toMatchObject({
      reason: 'refused_by_node',
      message,
    });
  });

  it('is told of as evicted while its node is short of something', () => {
    expect(refusedFor('Evicted', 'The node had condition: [DiskPressure]. ').reason).toBe('evicted');
  });
});

describe('a pod that somebody ends', () => {
  const preempted = {
    reason: 'PreemptionByScheduler',
    message: 'default-scheduler: preempting to accommodate a higher priority pod',
  };

  it('gives the words of its condition as evidence, while it is being deleted and when it is over', () => {
    const told = { reason: 'preempted', evidence: preempted.message };

    expect(disruptionOf(aPod({ disruption: preempted }))).toMatchObject(told);
    expect(endOf(aPod({ disruption: preempted, over: true }))).toMatchObject(told);
  });

  it('gives the words of its status, where it has some', () => {
    const disruption = { reason: 'TerminationByKubelet', message: 'the same in other words' };
    const status = { overReason: 'Evicted', overMessage: 'The node was low on resource: memory.' };

    expect(endOf(aPod({ disruption, over: true, ...status }))).toMatchObject({
      reason: 'evicted',
      evidence: status.overMessage,
    });
  });

  it('gives the words of its condition also where nobody knows the reason', () => {
    const disruption = { reason: 'TheMoonIsFull', message: 'wolves howl' };

    expect(endOf(aPod({ disruption, over: true }))).toMatchObject({
      reason: 'pod_ended',
      evidence: 'wolves howl',
    });
  });

  it('says whose limit it was also where only the condition tells', () => {
    const message = 'Usage of EmptyDir volume "tmp" exceeds the limit "1Gi". ';

    expect(endOf(aPod({ disruption: { reason: 'TerminationByKubelet', message }, over: true })).reason).toBe(
      'storage_limit_exceeded',
    );
  });
});

describe('a lab that was restarted', () => {
  it.each([
    ['Unknown', 255, 1, 'node_restarted'],
    ['ContainerStatusUnknown', 137, 1, 'node_restarted'],
    ['Unknown', 255, 3, 'node_restarted'],
    ['Error', 255, 1, 'lab_crashed'],
    ['Error', 137, 3, 'crash_looping'],
    ['OOMKilled', 137, 1, 'oom_killed'],
  ])('after the end %s (%d), for time %d, is told of as %s', (reason, exitCode, restarts, code) => {
    const lastEnd = { reason, exitCode, message: '' };

    expect(restartOf(aContainer({ state: 'running', restarts, lastEnd })).reason).toBe(code);
  });

  it('is not told to try another image because its node was started anew', () => {
    const lastEnd = { reason: 'Unknown', exitCode: 255, message: '' };

    expect(restartOf(aContainer({ state: 'running', restarts: 2, lastEnd }))).toMatchObject({
      message: 'The node of the lab was started anew, and the lab with it; restarted 2 times so far',
      remedy: 'Open the lab once it runs again: what was not saved is lost',
    });
  });
});

describe('evidence', () => {
  it('is the end of last words and the beginning of explanations, without secrets', () => {
    const long = `${'a '.repeat(400)}password=hunter2 the end`;
    const crash = aContainer({ state: 'terminated', exitCode: 1, message: long });
    const [cause] = causesOf(aPod({ notebook: crash }), after(1));

    expect(cause?.telling.evidence).toMatch(/password=… the end$/);
    expect(cause?.telling.evidence?.length).toBeLessThanOrEqual(300);
  });
});
