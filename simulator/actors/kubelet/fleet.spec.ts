import { existsSync } from 'node:fs';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../cluster.js';
import { labPageScript, startCluster } from '../../cluster.js';
import { Probe, isRunning, waitingFor } from '../testing.js';
import type { KubeObject, Node } from '../types.js';
import { urlAnnotation } from './script.js';

const ns = 'kubelets';
const podPath = (name: string): string => `/api/v1/namespaces/${ns}/pods/${name}`;
const image = (name: string): string => `reg.test/lab/${name}:1`;

describe('Fleet', () => {
  let cluster: Cluster;
  let probe: Probe;

  beforeAll(async () => {
    const nodes = ['a', 'b', 'c'].map((name) => ({ name, labels: { pool: name } }));
    cluster = await startCluster({ nodes, timeScale: 0.01, imagesReportMs: 10, ingresses: { delayMs: 1 } });
    probe = new Probe(cluster.api);
    await probe.namespace(ns);
  });

  afterAll(async () => {
    await probe.client.close();
    await cluster.close();
  });

  const script = (name: string, what: object): void => cluster.kubelets.setScript(image(name), what);

  it('runs init containers one after the other and then all containers, and tells it in the order of a kubelet', async () => {
    const spec = {
      initContainers: [
        { name: 'first', image: image('init') },
        { name: 'second', image: image('init') },
      ],
      containers: [
        { name: 'notebook', image: image('ordered') },
        { name: 'sidecar', image: image('sidecar') },
      ],
      nodeSelector: { pool: 'a' },
    };
    await probe.pod(ns, 'ordered', spec);

    const pod = await probe.podWhen(
      ns,
      'ordered',
      (each) => each.status?.containerStatuses?.every(({ ready }) => ready) ?? false,
    );
    const told = await probe.eventsUntil(ns, 'ordered', 'Started', '{sidecar}');

    expect(pod.spec.nodeName).toBe('a');
    expect(pod.status?.initContainerStatuses?.map((each) => each.state.terminated?.reason)).toEqual([
      'Completed',
      'Completed',
    ]);
    expect(pod.status?.containerStatuses?.map((each) => Object.keys(each.state))).toEqual([
      ['running'],
      ['running'],
    ]);
    expect(
      Object.fromEntries((pod.status?.conditions ?? []).map(({ type, status }) => [type, status])),
    ).toEqual({
      PodReadyToStartContainers: 'True',
      Initialized: 'True',
      Ready: 'True',
      ContainersReady: 'True',
      PodScheduled: 'True',
    });
    expect(told.map((each) => each.reason)).toContain('Scheduled');
    const kubelet = told.filter((each) => each.reason !== 'Scheduled');
    expect(
      kubelet.slice(0, 6).map(({ reason, involvedObject }) => [reason, involvedObject.fieldPath]),
    ).toEqual([
      ['Pulling', 'spec.initContainers{first}'],
      ['Pulled', 'spec.initContainers{first}'],
      ['Created', 'spec.initContainers{first}'],
      ['Started', 'spec.initContainers{first}'],
      ['Pulled', 'spec.initContainers{second}'],
      ['Created', 'spec.initContainers{second}'],
    ]);
    expect(kubelet[4]?.message).toBe(
      `Container image "${image('init')}" already present on machine and can be accessed by the pod`,
    );
  });

  it('lists a pulled image in the status of its node, by digest and by tag', async () => {
    script('sized', { sizeBytes: 123_456 });
    await probe.pod(ns, 'sized', { nodeSelector: { pool: 'b' } });

    const listed = (node: Node) =>
      node.status?.images?.find((each) => each.names.includes(image('sized'))) !== undefined;
    const node = await probe.when<Node>('/api/v1/nodes/b', listed);
    const pod = await probe.podWhen(ns, 'sized', isRunning);

    const found = node.status?.images?.find((each) => each.names.includes(image('sized')));
    expect(found?.sizeBytes).toBe(123_456);
    expect(found?.names[0]).toBe(pod.status?.containerStatuses?.[0]?.imageID);
    expect(found?.names[0]).toMatch(/^reg\.test\/lab\/sized@sha256:[0-9a-f]{64}$/);
  });

  it('backs off from an image that is missing, and starts the pod once it has appeared', async () => {
    script('absent', { failure: 'imageMissing', failTimes: 2 });
    await probe.pod(ns, 'absent');

    const waiting = await probe.podWhen(ns, 'absent', waitingFor('ImagePullBackOff'));
    const told = await probe.eventsUntil(ns, 'absent', 'BackOff');
    await probe.podWhen(ns, 'absent', isRunning);

    expect(waiting.status?.phase).toBe('Pending');
    expect(waiting.status?.containerStatuses?.[0]?.state.waiting?.message).toContain(
      `Back-off pulling image "${image('absent')}": ErrImagePull: rpc error: code = NotFound`,
    );
    expect(told.filter((each) => each.type === 'Warning').map((each) => each.message)).toEqual([
      expect.stringMatching(/^Failed to pull image ".*": rpc error: code = NotFound .*: not found$/),
      'Error: ErrImagePull',
      ...(told.some((each) => each.message === 'Error: ImagePullBackOff') ? ['Error: ImagePullBackOff'] : []),
    ]);
  });

  it.each([
    ['pullDenied', 'pull access denied'],
    ['registryUnreachable', 'no such host'],
  ] as const)('says why a pull fails: %s', async (failure, words) => {
    const name = failure.toLowerCase();
    script(name, { failure });
    await probe.pod(ns, name);

    const pod = await probe.podWhen(ns, name, waitingFor('ImagePullBackOff'));

    expect(pod.status?.containerStatuses?.[0]?.state.waiting?.message).toContain(words);
  });

  it('restarts a crashing container with growing pauses and keeps its last words', async () => {
    script('crashing', { failure: 'crash', exitCode: 3, lastWords: 'no space left' });
    const containers = [
      { name: 'notebook', image: image('crashing'), terminationMessagePolicy: 'FallbackToLogsOnError' },
    ];
    await probe.pod(ns, 'crashing', { containers, restartPolicy: 'OnFailure' });

    const pod = await probe.podWhen(ns, 'crashing', waitingFor('CrashLoopBackOff'));
    const told = await probe.eventsUntil(ns, 'crashing', 'BackOff');

    const status = pod.status?.containerStatuses?.[0];
    expect(pod.status?.phase).toBe('Running');
    expect(status?.lastState.terminated).toMatchObject({
      exitCode: 3,
      reason: 'Error',
      message: 'no space left',
    });
    expect(status?.restartCount).toBeGreaterThan(0);
    expect(status?.state.waiting?.message).toEqual(
      expect.stringMatching(/^back-off \d.*s restarting failed container=notebook pod=crashing_kubelets\(/),
    );
    expect(told.find((each) => each.reason === 'BackOff')?.message).toBe(
      `Back-off restarting failed container notebook in pod crashing_kubelets(${pod.metadata.uid})`,
    );
  });

  it('fails a pod that must not be restarted, and completes one that ends well', async () => {
    script('once', { runMs: 1, exitCode: 0 });
    script('broken', { runMs: 1, exitCode: 1 });
    await probe.pod(ns, 'once', { restartPolicy: 'OnFailure' });
    await probe.pod(ns, 'broken', { restartPolicy: 'Never' });

    const once = await probe.podWhen(ns, 'once', (pod) => pod.status?.phase === 'Succeeded');
    const broken = await probe.podWhen(ns, 'broken', (pod) => pod.status?.phase === 'Failed');

    expect(once.status?.containerStatuses?.[0]?.state.terminated?.reason).toBe('Completed');
    expect(broken.status?.containerStatuses?.[0]?.state.terminated).toMatchObject({
      exitCode: 1,
      reason: 'Error',
    });
  });

  it('waits for a ConfigMap that a container needs in its environment', async () => {
    const containers = [
      { name: 'notebook', image: image('env'), envFrom: [{ configMapRef: { name: 'late' } }] },
    ];
    await probe.pod(ns, 'env', { containers });
    const waiting = await probe.podWhen(ns, 'env', waitingFor('CreateContainerConfigError'));

    await probe.client.create(`/api/v1/namespaces/${ns}/configmaps`, {
      metadata: { name: 'late' },
      data: {},
    });
    await probe.podWhen(ns, 'env', isRunning);

    expect(waiting.status?.containerStatuses?.[0]?.state.waiting?.message).toBe('configmap "late" not found');
  });

  it('does not start a pod whose Secret can not be mounted', async () => {
    const volumes = [{ name: 'keys', secret: { secretName: 'late' } }];
    await probe.pod(ns, 'mount', { volumes });
    const told = await probe.eventsUntil(ns, 'mount', 'FailedMount');
    const waiting = await probe.podWhen(ns, 'mount', waitingFor('ContainerCreating'));

    await probe.client.create(`/api/v1/namespaces/${ns}/secrets`, { metadata: { name: 'late' } });
    await probe.podWhen(ns, 'mount', isRunning);

    expect(waiting.status?.podIP).toBeUndefined();
    expect(told.find((each) => each.reason === 'FailedMount')?.message).toBe(
      'MountVolume.SetUp failed for volume "keys" : secret "late" not found',
    );
  });

  it('is not ready as long as the probe is refused', async () => {
    script('slow', { failure: 'neverReady' });
    const containers = [
      {
        name: 'notebook',
        image: image('slow'),
        readinessProbe: { tcpSocket: { port: 8888 }, periodSeconds: 1 },
      },
    ];
    await probe.pod(ns, 'slow', { containers });
    const told = await probe.eventsUntil(ns, 'slow', 'Unhealthy');
    const before = await probe.podWhen(ns, 'slow', isRunning);

    script('slow', {});
    const after = await probe.podWhen(
      ns,
      'slow',
      (pod) => pod.status?.containerStatuses?.[0]?.ready === true,
    );

    expect(before.status?.containerStatuses?.[0]?.ready).toBe(false);
    expect(told.find((each) => each.reason === 'Unhealthy')?.message).toContain('connection refused');
    expect(after.status?.conditions?.find((each) => each.type === 'Ready')?.status).toBe('True');
  });

  it('stops a deleted pod and then lets it go', async () => {
    await probe.pod(ns, 'stopped');
    await probe.podWhen(ns, 'stopped', isRunning);

    await probe.client.remove(podPath('stopped'), { gracePeriodSeconds: 1 });
    await probe.gone(podPath('stopped'));

    const told = await probe.eventsUntil(ns, 'stopped', 'Killing');
    expect(told.at(-1)).toMatchObject({ reason: 'Killing', message: 'Stopping container notebook' });
  });

  it('ends a pod the way a test asks for: eviction, out of memory, exit', async () => {
    for (const name of ['evicted', 'greedy', 'leaving'])
      await probe.pod(ns, name, { restartPolicy: 'Never' });
    for (const name of ['evicted', 'greedy', 'leaving']) await probe.podWhen(ns, name, isRunning);

    await cluster.kubelets.evict({ namespace: ns, name: 'evicted' });
    cluster.kubelets.oomKill({ namespace: ns, name: 'greedy' });
    cluster.kubelets.exit({ namespace: ns, name: 'leaving' }, 7);

    const ended = (name: string) => probe.podWhen(ns, name, (pod) => pod.status?.phase === 'Failed');
    expect((await ended('evicted')).status).toMatchObject({ reason: 'Evicted' });
    const greedy = (await ended('greedy')).status?.containerStatuses?.[0];
    expect(greedy?.state.terminated).toMatchObject({ exitCode: 137, reason: 'OOMKilled' });
    expect((await ended('leaving')).status?.containerStatuses?.[0]?.state.terminated?.exitCode).toBe(7);
  });

  it('tells nothing while it is silent and catches up afterwards', async () => {
    const kubelet = cluster.kubelets.kubelet('c');
    await probe.pod(ns, 'quiet', { nodeSelector: { pool: 'c' } });
    await probe.podWhen(ns, 'quiet', isRunning);
    await kubelet.markNotReady();
    await probe.client.remove(podPath('quiet'), { gracePeriodSeconds: 0 });
    await probe.pod(ns, 'later', {
      nodeSelector: { pool: 'c' },
      tolerations: [{ operator: 'Exists' }],
      nodeName: 'c',
    });

    const node = await probe.when<Node>('/api/v1/nodes/c', (each) => each.spec?.taints !== undefined);
    const silent = await probe.find(podPath('later'));
    await kubelet.recover();
    const running = await probe.podWhen(ns, 'later', isRunning);

    expect(node.status?.conditions?.find((each) => each.type === 'Ready')?.status).toBe('Unknown');
    expect(silent?.status?.phase).toBe('Pending');
    expect(running.status?.phase).toBe('Running');
  });

  it('really runs a container as a process, with its environment, and ends it with the pod', async () => {
    const { process: page } = labPageScript();
    script('page', page ? { process: page } : {});
    const data = {
      JUPYTERHUB_USER: '<rachel>',
      CONTAINER_SIZE: 'Small (1.0 CPU, 3Gi RAM)',
      HUB_TOKEN: 'hush',
    };
    const path = `/api/v1/namespaces/${ns}/configmaps`;
    await probe.client.create(path, { metadata: { name: 'lab' }, data });
    const containers = [
      {
        name: 'notebook',
        image: image('page'),
        envFrom: [{ configMapRef: { name: 'lab' } }],
        readinessProbe: { tcpSocket: { port: 8888 } },
      },
    ];
    await probe.pod(ns, 'page', { containers });

    const ready = await probe.podWhen(
      ns,
      'page',
      (each) => each.status?.containerStatuses?.[0]?.ready === true,
    );
    const url = ready.metadata.annotations?.[urlAnnotation] ?? '';
    const html = await (await request(url)).body.text();
    await probe.client.remove(podPath('page'));
    await probe.gone(podPath('page'));

    expect(html).toContain('Lab of &lt;rachel&gt;');
    expect(html).toContain('HUB_TOKEN');
    expect(html).not.toContain('hush');
    await expect(request(url)).rejects.toThrow();
  });

  it('takes the exit code of a process as that of the container', async () => {
    const args = ['-e', 'console.error("out of ideas"); process.exit(5)'];
    script('exits', { process: { command: process.execPath, args } });
    const containers = [
      { name: 'notebook', image: image('exits'), terminationMessagePolicy: 'FallbackToLogsOnError' },
    ];
    await probe.pod(ns, 'exits', { containers, restartPolicy: 'Never' });

    const pod = await probe.podWhen(ns, 'exits', ({ status }) => status?.phase === 'Failed');

    const { terminated } = pod.status?.containerStatuses?.[0]?.state ?? {};
    expect(terminated).toMatchObject({ exitCode: 5, reason: 'Error', message: 'out of ideas' });
  });

  it('gives a process the Secrets and ConfigMaps that it mounts as files, and takes them away with it', async () => {
    const reading = `const { readFileSync } = require('node:fs');
      const { ROOT } = process.env;
      const read = (name) => readFileSync(ROOT + name, 'utf8');
      console.error(ROOT, read('/etc/keys/key'), read('/etc/passwd'), read('/etc/site/renamed'));
      process.exit(4);`;
    script('reads', { process: { command: process.execPath, args: ['-e', reading] } });
    const core = `/api/v1/namespaces/${ns}`;
    const data = { key: Buffer.from('hush').toString('base64') };
    await probe.client.create(`${core}/secrets`, { metadata: { name: 'keys' }, data });
    const files = { passwd: 'rachel', page: 'welcome', other: 'unseen' };
    await probe.client.create(`${core}/configmaps`, { metadata: { name: 'files' }, data: files });
    const mounted = {
      name: 'notebook',
      image: image('reads'),
      terminationMessagePolicy: 'FallbackToLogsOnError',
      volumeMounts: [
        { name: 'keys', mountPath: '/etc/keys' },
        { name: 'files', mountPath: '/etc/passwd', subPath: 'passwd' },
        { name: 'site', mountPath: '/etc/site' },
      ],
    };
    const volumes = [
      { name: 'keys', secret: { secretName: 'keys' } },
      { name: 'files', configMap: { name: 'files' } },
      { name: 'site', configMap: { name: 'files', items: [{ key: 'page', path: 'renamed' }] } },
    ];
    await probe.pod(ns, 'reads', { containers: [mounted], volumes, restartPolicy: 'Never' });

    const pod = await probe.podWhen(ns, 'reads', ({ status }) => status?.phase === 'Failed');

    const { message = '' } = pod.status?.containerStatuses?.[0]?.state.terminated ?? {};
    const [root = '', ...said] = message.split(' ');
    expect(said).toEqual(['hush', 'rachel', 'welcome']);
    expect(existsSync(root)).toBe(false);
  });

  it('writes one status for a pod in instant mode', async () => {
    const instant = await startCluster({ nodes: 1, instant: true });
    const other = new Probe(instant.api);
    const writes: string[] = [];
    instant.api.onRequest(({ verb, resource, subresource }) =>
      writes.push(`${verb} ${resource}/${subresource}`),
    );
    await other.namespace('quick');
    await other.pod('quick', 'one');

    await other.podWhen('quick', 'one', isRunning);

    expect(writes.filter((each) => each === 'patch pods/status')).toHaveLength(1);
    await other.client.close();
    await instant.close();
  });

  it('removes a node with everything on it', async () => {
    const kubelet = await cluster.kubelets.addNode({ name: 'doomed' });
    await probe.find<KubeObject>('/api/v1/nodes/doomed');

    await kubelet.removeNode();

    await probe.gone('/api/v1/nodes/doomed');
    expect(cluster.kubelets.kubelets.has('a')).toBe(true);
  });
});
