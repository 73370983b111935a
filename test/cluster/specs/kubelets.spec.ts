import { afterAll, beforeAll, expect, it } from 'vitest';
import { Api, type Thing } from '../support/api.js';
import { freshNamespace } from '../support/namespaces.js';
import { aPod } from '../support/pods.js';
import { describeReal } from '../support/shared-cluster.js';

interface Pod extends Thing {
  readonly spec: { readonly nodeName?: string };
  readonly status: {
    readonly phase: string;
    readonly podIP?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly containerStatuses?: readonly { readonly ready: boolean; readonly imageID: string }[];
  };
}

type Node = Pod & { readonly spec: { readonly taints?: readonly unknown[] } };

interface EventList {
  readonly items: readonly {
    readonly reason: string;
    readonly source: { readonly component?: string };
    readonly reportingComponent?: string;
    readonly metadata: { readonly resourceVersion: string };
  }[];
}

describeReal('the scripted kubelets on a real control plane', (cluster) => {
  const api = new Api(cluster);
  let namespace = '';

  beforeAll(async () => {
    namespace = await freshNamespace(api, 'kubelets');
  });
  afterAll(() => api.close());

  const pathOf = (name: string): string => `/api/v1/namespaces/${namespace}/pods/${name}`;
  const running = async (name: string): Promise<Pod> => {
    // An image of its own: one that another spec brought to the node would not be pulled.
    await api.make(
      `/api/v1/namespaces/${namespace}/pods`,
      aPod(name, `registry.example.org/science/${name}:1`),
    );
    const { body } = await api.eventually<Pod>(pathOf(name), ({ body: seen }) => isReady(seen));
    return body;
  };
  const reasons = async (pod: Pod): Promise<readonly string[]> => {
    const selector = encodeURIComponent(`involvedObject.uid=${pod.metadata.uid}`);
    const { body } = await api.eventually<EventList>(
      `/api/v1/namespaces/${namespace}/events?fieldSelector=${selector}`,
      ({ body: { items } }) => items.some(({ reason }) => reason === 'Started'),
    );
    return [...body.items]
      .sort((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion))
      .map(({ reason }) => reason);
  };

  it('bring a pod to Running, with an address and the digest of its image', async () => {
    const pod = await running('runs');

    expect(pod.status.phase).toBe('Running');
    expect(pod.spec.nodeName).toMatch(/^node-\d$/);
    expect(pod.status.podIP).toMatch(/^10\./);
    expect(pod.status.containerStatuses?.[0]?.imageID).toMatch(/@sha256:[0-9a-f]{64}$/);
  });

  it('tell the story in the order of a real kubelet, after the real scheduler', async () => {
    const pod = await running('story');

    const told = await reasons(pod);

    // The scheduler writes its event in the background: it may lie anywhere.
    expect(told.filter((reason) => reason !== 'Scheduled')).toEqual([
      'Pulling',
      'Pulled',
      'Created',
      'Started',
    ]);
    await api.eventually<EventList>(
      `/api/v1/namespaces/${namespace}/events?fieldSelector=involvedObject.name%3Dstory`,
      ({ body }) => body.items.some(({ reason }) => reason === 'Scheduled'),
    );
  });

  it('let a deleted pod go through its grace and confirm its end', async () => {
    const pod = await running('goes');

    const { status, body } = await api.remove<Pod>(pathOf('goes'), {
      gracePeriodSeconds: 5,
      preconditions: { uid: pod.metadata.uid },
    });

    expect(status).toBe(200);
    expect(body.metadata).toMatchObject({ deletionGracePeriodSeconds: 5 });
    expect(body.metadata.deletionTimestamp).toBeDefined();
    await api.eventually(pathOf('goes'), (answer) => answer.status === 404);
  });

  it('are seen as ready nodes by the real node controller', async () => {
    // The controller takes its first taint away when it has seen the node ready.
    const { body } = await api.eventually<{ items: Node[] }>('/api/v1/nodes', ({ body: { items } }) =>
      items.every(({ spec }) => spec.taints === undefined),
    );

    expect(body.items.map(({ metadata }) => metadata.name).sort()).toEqual(['node-1', 'node-2', 'node-3']);
    expect(body.items.map((node) => isReady(node))).toEqual([true, true, true]);
  });
});

const isReady = ({ status }: Pod): boolean =>
  status.conditions?.some((each) => each.type === 'Ready' && each.status === 'True') ?? false;
