import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCluster, type Cluster } from '../../simulator/cluster.js';
import { BerthProcess } from '../support/berth-process.js';
import { Hub } from '../support/hub.js';
import { aPlatform } from '../support/platform.js';

/** Everything that nobody but the lab may ever see. */
const SECRETS = {
  userToken: 'rachel-token',
  hubToken: 'hub-token',
  apiToken: 'a9f3-jupyterhub-api-token',
  password: 'correct horse battery staple',
  labSecret: 'value-of-the-lab-secret',
};

describe('the logs and answers of a whole spawn', () => {
  let cluster: Cluster;
  let berth: BerthProcess;
  let hub: Hub;

  beforeAll(async () => {
    cluster = await startCluster({ nodes: 1, registry: {}, identity: {} });
    await createLabSecret(cluster);
    const files = aPlatform(cluster);
    const secrets = '  secrets: [{ secretName: lab-secret, secretKey: key, env: SITE_SECRET }]\n';
    berth = await BerthProcess.prepare({ ...files, config: `logLevel: DEBUG\n${files.config}${secrets}` });
    await berth.start();
    hub = new Hub(berth.url);
  });

  afterAll(async () => {
    await berth.dispose();
    await cluster.close();
  });

  /**
   * @promise nobody gets in
   * @fault somebody reads all logs and answers of a spawn
   * @outcome no token and no secret value is among them
   */
  it('hold no token and no secret value', async () => {
    expect(
      await hub.create('rachel', { JUPYTERHUB_API_TOKEN: SECRETS.apiToken, MY_PASSWORD: SECRETS.password }),
    ).toBe(201);
    const stream = await hub.events('rachel');
    await stream.ended;
    const status = await hub.status('rachel');
    const labs = await read(cluster, '/apis/berth.dev/v1alpha1/labs');
    const events = await read(cluster, '/api/v1/events');
    const configMaps = await read(cluster, '/api/v1/namespaces/userlabs-rachel/configmaps');
    expect(await hub.remove('rachel')).toBe(204);
    expect(await berth.terminate()).toBe(0);

    const story = stream.events.map(({ raw }) => raw).join('\n');
    expect(story).toContain('event: complete');
    for (const [place, text] of Object.entries({
      log: berth.log,
      story,
      status: status.text,
      labs,
      events,
      configMaps,
    })) {
      expect(text.length, `${place} says something`).toBeGreaterThan(100);
      for (const [name, secret] of Object.entries(SECRETS)) {
        expect(text.includes(secret), `${name} in ${place}`).toBe(false);
        const encoded = Buffer.from(secret).toString('base64').replace(/=+$/, '');
        expect(text.includes(encoded), `${name}, encoded, in ${place}`).toBe(false);
      }
    }
  });
});

async function createLabSecret({ api }: Cluster): Promise<void> {
  const answer = await request(`${api.url}/api/v1/namespaces/berth/secrets`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ metadata: { name: 'lab-secret' }, stringData: { key: SECRETS.labSecret } }),
  });
  await answer.body.dump();
  expect(answer.statusCode).toBe(201);
}

async function read({ api }: Cluster, path: string): Promise<string> {
  return (await request(`${api.url}${path}`)).body.text();
}
