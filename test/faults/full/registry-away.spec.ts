import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCluster, type Cluster } from '../../../simulator/cluster.js';
import { BerthProcess } from '../../support/berth-process.js';
import { stored } from '../../support/cluster-shapes.js';
import { Hub } from '../../support/hub.js';
import { aPlatform } from '../../support/platform.js';
import { until } from '../../support/until.js';

const SPAWNER = '/nublado/spawner/v1';

describe('a registry that goes away, and a restart after that', () => {
  let cluster: Cluster;
  let berth: BerthProcess;

  beforeAll(async () => {
    cluster = await startCluster({ nodes: 1, instant: true, registry: {}, identity: {} });
    berth = await BerthProcess.prepare(aPlatform(cluster));
    await berth.start();
  });

  afterAll(async () => {
    await berth.dispose();
    await cluster.close();
  });

  const ask = async (
    path: string,
    token: string,
    body?: object,
  ): Promise<{ status: number; text: string }> => {
    const headers = { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) };
    const sent = body ? { method: 'POST' as const, body: JSON.stringify(body) } : {};
    const answer = await request(berth.url + SPAWNER + path, { headers, ...sent, headersTimeout: 60_000 });
    return { status: answer.statusCode, text: await answer.body.text() };
  };

  /**
   * @promise nothing is lost
   * @fault the registry is down, and every replica is restarted
   * @outcome the menu still has what is on the nodes, and the recommended class starts the image that it meant last
   */
  it('start the recommended image that the nodes have', async () => {
    const isKept = (): boolean =>
      JSON.stringify(stored(cluster, 'nodeimages.berth.dev')).includes('"aliases":["recommended"');
    await until(isKept, 'a record of the recommended image', 60_000);
    berth.kill();
    await berth.ended();
    cluster.registry!.faults.down = true;

    await berth.start();
    const options = { image_class: 'recommended', size: 'small' };
    const env = { JUPYTERHUB_SERVICE_PREFIX: '/nb/user/rachel/' };
    const created = await ask('/labs/rachel/create', 'rachel-token', { options, env });
    const form = await ask('/lab-form/dario', 'dario-token');
    const unknown = await ask('/labs/dario/create', 'dario-token', {
      options: { image_tag: 'w_2001_01', size: 'small' },
      env,
    });
    const stream = await new Hub(berth.url).events('rachel');
    await stream.ended;

    expect(created).toEqual({ status: 201, text: 'null' });
    expect(stream.events.at(-1)?.raw).toContain('event: complete');
    const digest = cluster.registry!.tags.get('recommended') ?? 'none';
    expect((await new Hub(berth.url).status('rachel')).text).toContain(digest);
    expect(form.text).toContain(`lab:recommended@${digest}" checked`);
    expect([unknown.status, unknown.text]).toEqual([503, expect.stringContaining('registry_unavailable')]);
  }, 120_000);
});
