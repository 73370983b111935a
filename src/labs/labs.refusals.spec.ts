import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import type { Cluster } from '../../simulator/cluster.js';
import { startFaultProxy } from '../../simulator/faults/index.js';
import type { FaultProxy } from '../../simulator/faults/index.js';
import {
  aCreate,
  someRuntimeSettings,
  startLabCluster,
  startRuntime,
  storyOf,
} from '../../test/support/labs-runtime.js';
import type { Runtime } from '../../test/support/labs-runtime.js';
import { JUMP_LEASE, JumpClock } from '../../test/support/jump-clock.js';
import { letSocketsSpeak, until } from '../../test/support/until.js';
import { bytes, milliCpu } from '../common/units.js';
import { HomeNotice } from './home-notice.js';
import type { CreateLab } from './lab.views.js';

const MIB = 2 ** 20;
const SECRET = { secretName: 'site-secret', secretKey: 'site', env: 'SITE_TOKEN' };
const groups = (count: number) =>
  Array.from({ length: count }, (_, id) => ({ name: `g${id}`, id: 5000 + id }));
const env = (more: Record<string, string>) => ({ env: { ...aCreate().env, ...more } });
const user = (parts: Partial<CreateLab['user']>) => ({ user: { ...aCreate().user, ...parts } });
const tokens = Object.fromEntries(Array.from({ length: 8000 }, (_, index) => [`T${index}_TOKEN`, 'x']));
const longGroups = groups(1000).map((group) => ({ ...group, name: group.name.padEnd(250, '-') }));
const pieces = Object.fromEntries(
  Array.from({ length: 16 }, (_, index) => [`PIECE_${index}`, 'x'.repeat(MIB / 16)]),
);

/** What each asks for, how it is refused, and a word of what to do. */
const REFUSED: readonly [what: string, parts: Partial<CreateLab>, code: string, words: RegExp][] = [
  ['one variable of 1 MiB', env({ BIG: 'x'.repeat(MIB) }), 'lab_too_large', /1048576/],
  ['1 MiB of variables', env(pieces), 'lab_too_large', /1048576/],
  ['a secret variable of 1 MiB', env({ BIG_TOKEN: 'x'.repeat(MIB) }), 'lab_too_large', /1048576/],
  ['a variable that no process can have', env({ 'a=b': '' }), 'lab_too_large', /expected letters, digits/],
  ['7,000 groups', user({ groups: groups(7000) }), 'too_many_groups', /7000 groups.*at most 1000/],
  ['1,000 groups of 250 characters', user({ groups: longGroups }), 'lab_too_large', /groups, and whoever/],
  ['a group of 254 characters', user({ groups: [{ name: 'g'.repeat(254), id: 1 }] }), 'lab_too_large', /253/],
  ['a username of 254 characters', user({ username: 'r'.repeat(254) }), 'lab_too_large', /at most 253/],
  ['a user number beyond 31 bits', user({ uid: 2 ** 31 }), 'lab_too_large', /up to 2147483647/],
  ['no user number', user({ uid: undefined }), 'permission_denied', /Must have a UID/],
  ['a size that nobody configured', { size: 'colossal' }, 'invalid_lab_size', /colossal/],
];

describe('bad input to labs', () => {
  let cluster: Cluster;
  let proxy: FaultProxy;
  let runtime: Runtime;
  const clock = new JumpClock();

  beforeAll(async () => {
    cluster = await startLabCluster({ timeScale: 0.02 });
    proxy = await startFaultProxy({ target: cluster.api.url });
    await putSecret();
    const settings = someRuntimeSettings({ lab: { secrets: [SECRET] } });
    const kubeconfig = proxy.kubeconfig('berth');
    runtime = await startRuntime({ kubeconfig, settings, clock, lease: JUMP_LEASE });
    await runtime.readiness.whenReady();
  });

  afterEach(() => {
    proxy.clear();
    runtime.get(HomeNotice).sentence = undefined;
  });

  afterAll(async () => {
    await runtime.close();
    await proxy.close();
    await cluster.close();
  });

  const api = async (method: string, path: string, body?: object): Promise<void> => {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const sent = body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': type } };
    const answer = await fetch(cluster.api.url + path, { method, ...sent });
    if (!answer.ok) throw new Error(await answer.text());
  };
  const putSecret = () =>
    api('POST', '/api/v1/namespaces/berth/secrets', {
      metadata: { name: 'site-secret' },
      stringData: { site: 'value' },
    });
  const written = () =>
    ['labs.berth.dev', 'namespaces', 'secrets'].flatMap((kind) =>
      cluster.api.store.dump(kind).map(({ metadata }) => `${kind} ${metadata.name}`),
    );
  /** The end of a spawn for which only time has to pass. */
  const endOf = async (name: string): Promise<string | undefined> => {
    const reading = { over: false };
    const story = storyOf(runtime.labs, name).finally(() => (reading.over = true));
    while (!reading.over) {
      clock.jump(500);
      await letSocketsSpeak();
    }
    return (await story).at(-1)?.entry.event;
  };
  const failureOf = (name: string) =>
    (
      cluster.api.store.dump('labs.berth.dev').find(({ metadata }) => metadata.name === name) as
        { status?: { failure?: { reason: string; cause: string; remedy?: string } } } | undefined
    )?.status?.failure;

  /**
   * @promise nothing is hidden
   * @fault an environment of 1 MiB, 7,000 groups, a name or a number that no record or pod can have
   * @outcome the request is refused with a 4xx that says what to do; nothing was written
   */
  it.each(REFUSED)('refuses %s before anything is written', async (_what, parts, code, words) => {
    const before = written();

    const refusal = runtime.labs.create(aCreate('rachel', 'lab', parts));

    await expect(refusal).rejects.toMatchObject({ code, message: expect.stringMatching(words) as string });
    await expect(refusal).rejects.toHaveProperty('status', code === 'permission_denied' ? 403 : 422);
    expect(written()).toEqual(before);
  });

  it('says that it is the environment whose secret variables fill the pod', async () => {
    const refusal = runtime.labs.create(aCreate('rachel', 'lab', env(tokens)));

    await expect(refusal).rejects.toMatchObject({ code: 'lab_too_large', location: ['body', 'env'] });
  });

  it('cuts a full name that is longer than a record takes, and spawns', async () => {
    await runtime.labs.create(aCreate('ann', 'lab', user({ username: 'ann', name: 'A'.repeat(5000) })));

    expect((await storyOf(runtime.labs, 'ann')).at(-1)?.entry.event).toBe('complete');
    expect((await runtime.labs.status('ann', {})).owner.name).toBe(`${'A'.repeat(1023)}…`);
  });

  it('says first of all that homes do not last, where they do not', async () => {
    const sentence = 'What is in a home is destroyed whenever the lab stops';
    runtime.get(HomeNotice).sentence = sentence;

    await runtime.labs.create(aCreate('bea'));

    const [accepted, first] = await storyOf(runtime.labs, 'bea');
    expect(accepted?.entry.reason).toBe('spawn_accepted');
    expect(first?.entry).toMatchObject({
      reason: 'home_fleeting',
      message: expect.stringContaining(sentence) as string,
    });
  });

  /**
   * @promise nothing is hidden
   * @fault a Secret that labs are given is gone when a spawn begins
   * @outcome the spawn fails with a cause that names it; the next one, after it is back, comes up
   */
  it('names the secret that vanished before the objects were made', async () => {
    await api('DELETE', '/api/v1/namespaces/berth/secrets/site-secret');
    await runtime.labs.create(aCreate('cal'));

    expect(await endOf('cal')).toBe('failed');
    expect(failureOf('cal')).toMatchObject({
      reason: 'missing_secret',
      cause: expect.stringContaining('site-secret') as string,
      remedy: expect.any(String) as string,
    });
    await putSecret();
    await runtime.labs.create(aCreate('cal'));
    expect((await storyOf(runtime.labs, 'cal')).at(-1)?.entry.event).toBe('complete');
  });

  it('needs the secret no more once the objects were made of it', async () => {
    const gate = proxy.gate({ verb: 'create', resource: 'namespaces', times: 1 }, 'before');
    await runtime.labs.create(aCreate('dee'));
    await until(() => gate.arrivals > 0, 'the first object');
    await api('DELETE', '/api/v1/namespaces/berth/secrets/site-secret');
    gate.release();

    expect((await storyOf(runtime.labs, 'dee')).at(-1)?.entry.event).toBe('complete');
    await putSecret();
  });

  /**
   * @promise nothing is hidden
   * @fault somebody lowers the quota of a lab’s namespace before the pod is there
   * @outcome the spawn fails with `quota_exceeded`, its evidence and a remedy; nothing of it stays
   */
  it('says that a quota was lowered in the middle', async () => {
    const quota = { cpu: milliCpu(4000), memory: bytes(8 * 2 ** 30), spawn: true };
    const gate = proxy.gate({ verb: 'create', resource: 'pods', times: 1 }, 'before');
    await runtime.labs.create(aCreate('eva', 'lab', user({ username: 'eva', quota })));
    await until(() => gate.arrivals > 0, 'its pod');
    await api('PATCH', '/api/v1/namespaces/userlabs-eva/resourcequotas/eva-nb', {
      spec: { hard: { 'limits.memory': '1Gi' } },
    });
    gate.release();

    expect(await endOf('eva')).toBe('failed');
    expect(failureOf('eva')).toMatchObject({
      reason: 'quota_exceeded',
      remedy: expect.any(String) as string,
    });
  });

  it('leaves a lab alone whose owner has less quota now, and holds the next one to it', async () => {
    const within = { cpu: milliCpu(4000), memory: bytes(8 * 2 ** 30), spawn: true };
    const less = { ...within, memory: bytes(2 ** 30) };
    const asking = (quota: typeof within) => aCreate('fay', 'lab', user({ username: 'fay', quota }));
    await runtime.labs.create(asking(within));
    await storyOf(runtime.labs, 'fay');

    await expect(runtime.labs.create(asking(less))).rejects.toMatchObject({ code: 'insufficient_quota' });
    expect((await runtime.labs.status('fay', {})).phase).toBe('running');
    await runtime.labs.remove('fay');
    await expect(runtime.labs.create(asking(less))).rejects.toMatchObject({ status: 403 });
  });
});
