import { Pool, request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCluster } from '../../../simulator/cluster.js';
import type { Cluster } from '../../../simulator/cluster.js';
import { BerthProcess } from '../../support/berth-process.js';
import { stored } from '../../support/cluster-shapes.js';
import { hostileRequests } from '../../support/hostile-requests.js';
import type { Components } from '../../support/hostile-requests.js';
import { sendAll } from '../../support/hostile-run.js';
import { HOSTILE_WORDS } from '../../support/hostile-values.js';
import { operations } from '../../support/matrix.js';
import type { ApiOperation, ListedOperation } from '../../support/matrix.js';
import { labName } from '../../../src/labs/lab.names.js';
import { aPlatform } from '../../support/platform.js';
import { until } from '../../support/until.js';
import { pooled } from '../../support/work.js';

type Document = Components & { readonly paths: Record<string, Record<string, ApiOperation>> };

/** `HOSTILE_SEED=$RANDOM npx vitest run --config vitest.faults.config.ts hostile` aims differently. */
const SEED = Number(process.env['HOSTILE_SEED'] ?? 20_261_122);
const COUNT = 10_000;
const CAPACITY = { cpu: '1024', memory: '4Ti', pods: '2000', 'ephemeral-storage': '1Ti' };

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
/** Everybody whose name a text can be: words that hurt, all of ASCII, and one user’s name that is another’s slug. */
const NAMES = [
  ...new Set([
    ...HOSTILE_WORDS.filter((word) => word !== '' && word.length < 300 && !/\p{Surrogate}/u.test(word)),
    ...Array.from({ length: 127 }, (_, code) => `u${String.fromCharCode(code + 1)}`),
    'Rachel',
    labName('Rachel'),
  ]),
];
const PEOPLE = NAMES.map((username, index) => ({ username, headers: bearer(`odd-${index}`) }));
const CALLERS: Readonly<Record<string, object>> = {
  user: bearer('rachel-token'),
  hub: bearer('hub-token'),
  admin: bearer('admin-token'),
  fileserver: bearer('00000000-0000-0000-0000-000000000000.key-of-a-server'),
};

/** As a YAML file may hold it: every odd character by its number. */
const ascii = (json: string): string =>
  json.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** The built process, with everything behind its routes that belongs there. */
describe('hostile requests to the whole process', () => {
  let cluster: Cluster;
  let berth: BerthProcess;
  let connections: Pool;

  beforeAll(async () => {
    cluster = await startCluster({ instant: true, capacity: CAPACITY, registry: {}, identity: {} });
    const files = aPlatform(cluster);
    const known = PEOPLE.map(({ username }, index) => {
      const facts = { username, uid: 5000 + index, gid: 5000 + index, token: `odd-${index}` };
      return `        - ${ascii(JSON.stringify(facts))}\n`;
    });
    const extra = files.extra
      .replace(/users:\n/, (line) => `${line}${known.join('')}`)
      .replace('berth:\n', 'berth:\n  budgets: { requestsPerSecond: 2000, burst: 4000 }\n');
    berth = await BerthProcess.prepare({ ...files, extra });
    await berth.start();
    // Sends a path as it is: `request` would take `/../` out of it.
    connections = new Pool(berth.url);
  });

  afterAll(async () => {
    await connections.destroy();
    await berth.dispose();
    await cluster.close();
  });

  const errors = (): readonly string[] =>
    berth.log.split('\n').filter((line) => /"level":"(error|fatal)"/.test(line));

  /**
   * @promise nobody gets in
   * @fault 10,000 requests aim hostile values at every field of every route, people with every kind of name among them
   * @outcome no 5xx, every refusal says where, no error in the log; what they started can be stopped, and nothing is left
   */
  it('get an answer that says where, and leave nothing behind', async () => {
    const answer = await request(`${berth.url}/nublado/openapi.json`);
    const document = (await answer.body.json()) as Document;
    const requests = hostileRequests(operations(document), document, {
      seed: SEED,
      count: COUNT,
      headers: ({ access }: ListedOperation) =>
        (CALLERS[access?.roles[0] ?? ''] ?? {}) as Record<string, string>,
      username: 'rachel',
      body: {
        start: true,
        username: 'rachel',
        password: 'rachel-token',
        options: { image_tag: 'recommended', size: 'small' },
        env: { JUPYTERHUB_SERVICE_PREFIX: '/nb/user/rachel/' },
      },
      people: PEOPLE,
    });

    const { statuses, wrong } = await sendAll(berth.url, requests);

    console.log(`HOSTILE_SEED=${SEED}: ${JSON.stringify(statuses)}`);
    expect(wrong, `HOSTILE_SEED=${SEED}`).toEqual([]);
    expect(errors(), `HOSTILE_SEED=${SEED}`).toEqual([]);
    expect(await stopAll()).toBeGreaterThan(10);
  });

  /**
   * @promise nobody gets in
   * @fault users are called by every character there is, by 253 of them, alike, `kube-system`, or as another’s slug
   * @outcome each gets a lab and a namespace of their own, or a refusal that says where, where no path can hold the name
   */
  it('let people have their own lab under any name that a path can hold', async () => {
    const refused: string[] = [];
    await pooled(PEOPLE, async ({ username, headers }) => {
      const path = `/nublado/spawner/v1/labs/${encodeURIComponent(username)}`;
      const json = { ...headers, 'content-type': 'application/json' };
      const created = await send('POST', `${path}/create`, json, {
        options: { image_tag: 'recommended', size: 'small' },
        env: { JUPYTERHUB_SERVICE_PREFIX: '/nb/user/somebody/' },
      });
      if (created.status !== 201) {
        const place = expect.stringContaining('"loc":["path"') as string;
        expect(created, username).toEqual({ status: username.length > 253 ? 422 : 400, text: place });
        refused.push(username);
        return;
      }
      const story = await send('GET', `${path}/events`, headers);
      const status = await send('GET', path, bearer('hub-token'));
      expect(story.text, username).toContain('event: complete');
      const told = JSON.parse(status.text) as { user: { username: string } };
      expect(told.user.username).toBe(username);
    });

    expect(refused.sort()).toEqual(['\0', '.', '..', '../../etc/passwd', 'a'.repeat(254)]);
    const labs = PEOPLE.length - refused.length;
    expect(userNamespaces()).toHaveLength(labs);
    expect(await stopAll()).toBe(labs);
    expect(errors()).toEqual([]);
  });

  const send = async (method: 'GET' | 'POST' | 'DELETE', path: string, headers: object, body?: object) => {
    const sent = body === undefined ? null : JSON.stringify(body);
    const answer = await connections.request({
      path,
      method,
      headers: headers as Record<string, string>,
      body: sent,
      headersTimeout: 90_000,
    });
    return { status: answer.statusCode, text: await answer.body.text() };
  };
  const userNamespaces = () =>
    stored(cluster, 'namespaces').filter(({ metadata }) => metadata.name.startsWith('userlabs-'));

  /** Every name that has a lab can be named again, to stop it. @returns how many there were */
  async function stopAll(): Promise<number> {
    const started = stored(cluster, 'labs.berth.dev')
      .filter(({ metadata }) => metadata.labels?.['berth.dev/state'] !== 'stopped')
      .map(({ spec }) => (spec as { user: { username: string } }).user.username);
    await pooled(started, async (username) => {
      const path = `/nublado/spawner/v1/labs/${encodeURIComponent(username)}`;
      const { status } = await send('DELETE', path, bearer('hub-token'));
      expect([204, 404], username).toContain(status);
    });
    await until(() => userNamespaces().length === 0, 'the end of all namespaces');
    return started.length;
  }
});
