import { request } from 'undici';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BerthProcess } from '../../support/berth-process.js';
import { aPlatform } from '../../support/platform.js';
import { readStream, type WireEvent } from '../../support/sse-reader.js';
import { NodeHandle, UTILITY, withdraw } from '../harness/index.js';
import { Api, type Thing } from '../support/api.js';
import { installCrds } from '../support/crds.js';
import { freshNamespace } from '../support/namespaces.js';
import { grantRights } from '../support/rights.js';
import { describeNode, kubeconfigFor } from '../support/shared-cluster.js';

interface Pod extends Thing {
  readonly spec: { readonly nodeName?: string };
  readonly status: {
    readonly phase: string;
    readonly containerStatuses?: readonly { restartCount: number }[];
  };
}

interface Node extends Thing {
  readonly status: { readonly conditions: readonly { readonly type: string; readonly status: string }[] };
}

interface Prepulled {
  readonly tag: string;
  readonly digest: string;
}

const WITHDRAWN = 'w_2077_46';
const NEWEST = 'w_2077_45';

describeNode('the built Berth and a real node', (node) => {
  const api = new Api(node);
  const handle = new NodeHandle(node.folder);
  let instance = '';
  let berth: BerthProcess;

  beforeAll(async () => {
    await installCrds(api);
    instance = await freshNamespace(api, 'berth');
    const ours = await grantRights(api, node, instance);
    const { registry, identity } = node;
    const files = aPlatform({ registry, identity, kubeconfig: () => kubeconfigFor(ours, instance, 'berth') });
    berth = await BerthProcess.prepare({
      ...files,
      // A lab that takes all it may must not take the build machine with it.
      config: files.config.replaceAll('3Gi', '64Mi').replaceAll('768Mi', '32Mi'),
      extra: files.extra.replace('berth:', 'berth:\n  readiness: tcp'),
      environment: {
        ...files.environment,
        BERTH_INSTALL_CRDS: 'false',
        NUBLADO_CONTROLLER_REPOSITORY: `${node.registries.open}/${UTILITY.repository}`,
        NUBLADO_CONTROLLER_TAG: UTILITY.tag,
      },
    });
    await berth.start();
  });
  afterAll(async () => {
    await berth.dispose();
    await api.close();
  });

  const call = async (method: 'GET' | 'POST' | 'DELETE', path: string, token: string, body?: object) => {
    const answer = await request(`${berth.url}/nublado/spawner/v1/labs/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await answer.body.text();
    return { status: answer.statusCode, body: (text === '' ? undefined : JSON.parse(text)) as unknown };
  };
  /** Spawns a lab of this image and resolves with what its user was told until the end. */
  const spawn = async (user: string, tag: string): Promise<readonly WireEvent[]> => {
    const accepted = await call('POST', `${user}/create`, `${user}-token`, {
      options: { image_tag: tag, size: 'small' },
      env: { JUPYTERHUB_SERVICE_PREFIX: `/nb/user/${user}/`, JUPYTERHUB_API_TOKEN: 'hub-api-token' },
    });
    expect(accepted, berth.log).toMatchObject({ status: 201 });
    const url = `${berth.url}/nublado/spawner/v1/labs/${user}/events`;
    const stream = await readStream({ url, token: `${user}-token` });
    await stream.ended;
    return stream.events;
  };
  const prepulled = async (wanted: string): Promise<Prepulled | undefined> => {
    const answer = await request(`${berth.url}/nublado/spawner/v1/prepulls`, {
      headers: { authorization: 'Bearer admin-token' },
    });
    const { images } = (await answer.body.json()) as { images: { prepulled: readonly Prepulled[] } };
    return images.prepulled.find(({ tag }) => tag === wanted);
  };
  /** All names that the node's containerd has for an image. */
  const imagesOnNode = async (digest = 'none'): Promise<readonly string[]> => {
    const lines = (await handle.enter('ctr', '-n', 'k8s.io', 'images', 'ls')).split('\n');
    return lines.filter((line) => line.includes(digest)).map((line) => line.split(' ')[0] ?? '');
  };
  const stop = async (user: string): Promise<void> => {
    expect((await call('DELETE', user, 'hub-token')).status).toBe(204);
    await api.eventually(`/api/v1/namespaces/userlabs-${user}`, ({ status }) => status === 404);
  };
  const told = (events: readonly WireEvent[]): string => events.map(({ message }) => message).join('\n');
  const podOf = async (user: string): Promise<Pod> =>
    (await api.get<Pod>(`/api/v1/namespaces/userlabs-${user}/pods/${user}-nb`)).body;
  const nodeIs = (ready: string): Promise<unknown> =>
    api.eventually<Node>(`/api/v1/nodes/${node.nodeName}`, ({ body }) =>
      body.status.conditions.some(({ type, status }) => type === 'Ready' && status === ready),
    );

  it('runs a lab from a real registry, and says complete when a real probe has reached it', async () => {
    const events = await spawn('rachel', 'recommended');

    expect(events.at(-1)?.event, told(events)).toBe('complete');
    const pod = await podOf('rachel');
    expect(pod).toMatchObject({ spec: { nodeName: node.nodeName }, status: { phase: 'Running' } });
    expect(await handle.enter('ctr', '-n', 'k8s.io', 'tasks', 'ls', '-q')).not.toBe('');
  });

  it('brings the newest images to the node, and says so because the node has them', async () => {
    await expect
      .poll(() => prepulled(NEWEST), { timeout: 120_000 })
      .toMatchObject({ nodes: [node.nodeName], missing: [] });

    const { digest } = (await prepulled(NEWEST)) ?? {};
    expect(await imagesOnNode(digest)).not.toEqual([]);
    const pods = `/api/v1/namespaces/${instance}/pods?labelSelector=nublado.lsst.io/category%3Dprepuller`;
    await api.eventually<{ items: unknown[] }>(pods, ({ body }) => body.items.length === 0);
  });

  /**
   * @promise nothing is lost
   * @fault a real kubelet falls silent, and comes back (`npm run test:node`)
   * @outcome the lab is left alone, and found running
   */
  it('leaves a lab alone whose node is not heard of, and finds it running when the node is back', async () => {
    const before = await podOf('rachel');
    handle.freeze();
    try {
      await nodeIs('Unknown');

      expect(await call('GET', 'rachel', 'hub-token')).toMatchObject({ body: { status: 'running' } });
    } finally {
      handle.thaw();
    }

    await nodeIs('True');
    const after = await podOf('rachel');
    expect(after.metadata.uid).toBe(before.metadata.uid);
    expect(after.metadata.deletionTimestamp).toBeUndefined();
    expect(await call('GET', 'rachel', 'hub-token')).toMatchObject({ body: { status: 'running' } });
  });

  it('stops the lab, and no container of it is left on the node', async () => {
    await stop('rachel');

    const containers = async (): Promise<string> => handle.enter('ctr', '-n', 'k8s.io', 'tasks', 'ls', '-q');
    await expect.poll(containers, { timeout: 20_000 }).toBe('');
  });

  /**
   * @promise nothing is hidden
   * @fault a real container crashes again and again (`npm run test:node`)
   * @outcome the spawn fails, and its record has the container’s last words
   */
  it('tells the last words of a lab that crashes again and again', async () => {
    const events = await spawn('rachel', 'w_2077_42');

    expect(events.at(-1)?.event).toBe('failed');
    const { body } = await api.get(`/apis/berth.dev/v1alpha1/namespaces/${instance}/labs/rachel`);
    expect(JSON.stringify(body.status)).toContain('ImportError: no module named jupyterlab');
    await stop('rachel');
  });

  /**
   * @promise nothing is hidden
   * @fault a real kernel kills a lab for its memory (`npm run test:node`)
   * @outcome the spawn fails, and the stream says that it was the memory
   */
  it('tells that a lab used more memory than it may', async () => {
    const events = await spawn('dario', 'w_2077_43');

    expect(events.at(-1)?.event).toBe('failed');
    expect(told(events)).toContain('memory');
    await stop('dario');
  });

  /**
   * @promise nothing is hidden
   * @fault an image is taken out of a real registry (`npm run test:node`)
   * @outcome the spawn fails, and the stream says that the image does not exist
   */
  it('tells that an image is gone which the registry had a moment ago', async () => {
    await expect.poll(() => prepulled(WITHDRAWN), { timeout: 120_000 }).toBeDefined();
    const { digest } = (await prepulled(WITHDRAWN)) ?? {};
    await withdraw(node.registries.open, node.registry.repository, WITHDRAWN);
    // It was brought to the node beforehand; nodes collect what nobody has used for long.
    await handle.enter('ctr', '-n', 'k8s.io', 'images', 'rm', ...(await imagesOnNode(digest)));

    const events = await spawn('rachel', WITHDRAWN);

    expect(events.at(-1)?.event).toBe('failed');
    expect(told(events)).toContain('does not exist');
    await stop('rachel');
  });
});
