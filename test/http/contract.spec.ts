import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { ContractPlatform } from '../support/contract-platform.js';
import type { Answer, Ask } from '../support/contract-platform.js';
import { until } from '../support/until.js';
import { FORM, JSON_TYPE, LABS, P, ROUTES, denied, unknownUser } from './contract.cases.js';
import type { Case } from './contract.cases.js';

const ENV = { JUPYTERHUB_SERVICE_PREFIX: '/nb/user/somebody/', JUPYTERHUB_API_TOKEN: 'of-the-hub' };
const create = (as: string, options: object, more: Partial<Case> = {}): Omit<Case, 'status'> => ({
  method: 'POST',
  path: `${LABS}/${as}/create`,
  as,
  json: { options, env: ENV },
  ...more,
});
const inProgress = (user: string) => ({
  msg: `Conflicting operation for ${user} already in progress`,
  type: 'operation_in_progress',
});
const RECOMMENDED = { image_class: 'recommended', size: 'small' };

/** The checks of `create`, each case failing the one that it is named for and all that come after. */
const CHECKS: Readonly<Record<string, Omit<Case, 'status'> & { readonly status: number }>> = {
  'check 1, the token, comes before the body': {
    ...create('vera', {}, { headers: { 'x-auth-request-token': 'stolen' } }),
    status: 401,
    detail: { msg: 'User token is invalid', type: 'invalid_token' },
  },
  'check 2, the body, comes before the path': {
    ...create('grounded', { size: 'small' }, { path: `${LABS}/vera/create` }),
    status: 422,
    details: [
      { type: 'value_error', loc: ['body', 'options'], msg: 'Value error, No image to spawn specified' },
    ],
  },
  'check 3, the path, comes before the quota': {
    ...create('grounded', RECOMMENDED, { path: `${LABS}/vera/create` }),
    status: 403,
    detail: denied(),
  },
  'check 4, a quota that forbids, comes before the numbers': {
    ...create('grounded', { image_tag: 'nowhere', size: 'huge' }),
    status: 403,
    detail: denied('Spawning a notebook is not permitted'),
  },
  'check 5 wants a user number before the image': {
    ...create('nobody', { image_tag: 'nowhere', size: 'huge' }),
    status: 403,
    detail: denied('Must have a UID to spawn labs'),
  },
  'check 5 takes zero for none': {
    ...create('root', RECOMMENDED),
    status: 403,
    detail: denied('Must have a UID to spawn labs'),
  },
  'check 5 wants a group': {
    ...create('groupless', { image_tag: 'nowhere', size: 'huge' }),
    status: 403,
    detail: denied('Must have a GID to spawn labs'),
  },
  'check 5 takes a zero group for none': {
    ...create('wheel', RECOMMENDED),
    status: 403,
    detail: denied('Must have a GID to spawn labs'),
  },
  'check 6, the image, comes before the size': {
    ...create('low-cpu', { image_tag: 'nowhere', size: 'huge' }),
    status: 400,
    detail: {
      msg: 'Docker tag "nowhere" not found',
      type: 'unknown_image',
      loc: ['body', 'options', 'image_tag'],
    },
  },
  'check 6 knows classes': {
    ...create('vera', { image_class: 'latest-release', size: 'huge' }),
    status: 422,
    detail: { msg: 'Invalid lab size "huge"', type: 'invalid_lab_size', loc: ['body', 'options', 'size'] },
  },
  'check 7, the size, comes before the quota': {
    ...create('low-cpu', { image_class: 'recommended', size: 'HUGE' }),
    status: 422,
    detail: { msg: 'Invalid lab size "huge"', type: 'invalid_lab_size', loc: ['body', 'options', 'size'] },
  },
  'check 8 comes after unknown keys, which are ignored': {
    ...create('low-cpu', {}, { json: { options: { ...RECOMMENDED, odd: 1 }, env: ENV, odd: {} } }),
    status: 403,
    details: [{ type: 'insufficient_quota' }],
  },
  ...Object.fromEntries(
    [
      ['low-cpu', 'small'],
      ['low-memory', 'small'],
      ['exact', 'large'],
    ].map(([user = '', size = '']) => [
      `check 8 refuses ${user} a ${size} lab`,
      {
        ...create(user, { ...RECOMMENDED, size }),
        status: 403,
        detail: {
          msg: 'Insufficient quota to spawn requested lab',
          type: 'insufficient_quota',
          loc: ['body', 'options', 'size'],
        },
      },
    ]),
  ),
};

describe('the contract', () => {
  let platform: ContractPlatform;

  beforeAll(async () => {
    platform = await ContractPlatform.start();
  }, 120_000);

  afterAll(async () => {
    await platform.close();
  });

  const judge = (answer: Answer, wanted: Case): void => {
    const { status, detail, details, body, answers = {}, says = [], hides = [] } = wanted;
    expect({ status: answer.status, text: answer.text }).toMatchObject({ status });
    const parsed = (): unknown => (answer.text === '' ? '' : (JSON.parse(answer.text) as unknown));
    if (detail) expect(parsed()).toEqual({ detail: [detail] });
    if (details)
      expect(parsed()).toEqual({ detail: details.map((one) => expect.objectContaining(one) as object) });
    if (body !== undefined) expect(parsed()).toEqual(body);
    for (const [name, value] of Object.entries(answers)) expect(answer.headers[name]).toMatch(value);
    for (const words of says) expect(answer.text).toContain(words);
    for (const words of hides) expect(answer.text).not.toContain(words);
  };
  const ask = (one: Ask): Promise<Answer> => platform.ask(one);
  const status = async (user: string): Promise<Record<string, unknown>> =>
    JSON.parse((await ask({ path: `${LABS}/${user}` })).text) as Record<string, unknown>;
  const reached = async (user: string, phase: string): Promise<void> => {
    for (let seen = ''; seen !== phase;) seen = String((await status(user))['status']);
  };

  /** The registry has been read once from then on. */
  beforeAll(async () => {
    await ask({ path: `${P}/spawner/v1/images` });
  });

  it.each(Object.entries(ROUTES))('%s', async (_name, one) => {
    judge(await ask(one), one);
  });

  describe('2.6 create', () => {
    it.each(Object.entries(CHECKS))('%s', async (_name, one) => {
      judge(await ask(one), one);
      expect(JSON.parse((await ask({ path: LABS })).text)).toEqual([]);
    });

    it.each<[string, object, object]>([
      [
        'of another repository',
        { image_list: 'example.org/other/lab:w_1' },
        { status: 400, type: 'unknown_image', says: 'not found' },
      ],
      [
        'without a tag',
        { image_list: 'REPOSITORY' },
        { status: 422, type: 'invalid_docker_reference', says: 'has no tag' },
      ],
      [
        'that the drop-down does not have',
        { image_dropdown: 'REPOSITORY:nowhere' },
        { status: 400, type: 'unknown_image', says: 'not found' },
      ],
      [
        'that is none',
        { image_list: 'no-slash' },
        { status: 422, type: 'invalid_docker_reference', says: 'no-slash' },
      ],
    ])('check 6 refuses a reference %s, and says which field', async (_what, option, refusal) => {
      const repository = platform.reference('').replace(/:$/, '');
      const [[field, value] = ['', '']] = Object.entries(option) as [string, string][];
      const reference = value.replace('REPOSITORY', repository);

      const answer = await ask(create('vera', { [field]: reference, size: 'huge' }));

      const { status: wanted, type, says } = refusal as { status: number; type: string; says: string };
      expect(answer.status).toBe(wanted);
      expect(JSON.parse(answer.text)).toEqual({
        detail: [{ msg: expect.stringContaining(says) as string, type, loc: ['body', 'options', field] }],
      });
      expect(answer.text).toContain(reference);
    });

    it('check 6 says so where the registry is needed and down', async () => {
      platform.cluster.registry!.faults.down = true;
      const answer = await ask(create('vera', { image_tag: 'w_2026_44', size: 'small' }));
      platform.cluster.registry!.faults.down = false;

      judge(answer, { path: '', status: 503, details: [{ type: 'registry_unavailable' }] });
    });

    it('2.2 says so where Gafaelfawr is needed and fails', async () => {
      platform.cluster.identity!.faults.status = 500;
      const headers = { 'x-auth-request-user': 'exact', 'x-auth-request-token': 'never-seen-before' };
      const answer = await ask({ path: `${FORM}/exact`, headers });
      delete platform.cluster.identity!.faults.status;

      judge(answer, { path: '', status: 503, details: [{ type: 'identity_unavailable' }] });
    });
  });

  it('2.6 a lab that waits: 201, pending, 409 to a second, cancelled by DELETE', async () => {
    const image = platform.image('w_2026_45');
    // Not a pull that hangs: the image may be there already.
    platform.cluster.kubelets.setScript(image, { startMs: 36_000_000 });
    const forwarded = {
      host: 'data.example.org',
      'x-forwarded-for': '192.0.2.1',
      'x-forwarded-proto': 'https',
    };
    const options = {
      image_list: ['use_image_from_dropdown'],
      image_dropdown: [platform.reference('w_2026_45')],
      size: ['Small'],
    };

    const created = await ask(create('vera', options, { headers: forwarded }));
    const again = await ask(create('vera', RECOMMENDED));

    judge(created, {
      path: '',
      status: 201,
      body: null,
      answers: { location: `https://data.example.org${LABS}/vera`, 'content-type': JSON_TYPE },
    });
    judge(again, { path: '', status: 409, detail: inProgress('vera') });
    expect(await status('vera')).toMatchObject({
      status: 'pending',
      options: { image, size: 'small' },
      quota: null,
    });
    expect(JSON.parse((await ask({ path: LABS })).text)).toEqual([]);

    const stream = await platform.open({ path: `${LABS}/vera/events`, as: 'vera' });
    await until(() => platform.cluster.api.store.dump('pods').length > 0, 'the pod exists');
    const deleted = await ask({ method: 'DELETE', path: `${LABS}/vera` });

    judge(deleted, { path: '', status: 204, body: '' });
    expect(await stream.text()).toMatch(
      /event: failed\r\ndata: \{"message": "Operation cancelled"\}\r\n\r\n$/,
    );
    judge(await ask({ path: `${LABS}/vera` }), { path: '', status: 404, detail: unknownUser('vera') });
  });

  it('2.6 of creates at the same moment one wins, and each other is told the same', async () => {
    platform.cluster.kubelets.setScript(platform.image('w_2026_45'), { startMs: 36_000_000 });
    const options = { image_dropdown: platform.reference('w_2026_45'), size: 'small' };

    const answers = await Promise.all(Array.from({ length: 6 }, () => ask(create('vera', options))));

    const losers = answers.filter((answer) => answer.status !== 201);
    expect(losers).toHaveLength(5);
    for (const loser of losers) judge(loser, { path: '', status: 409, detail: inProgress('vera') });
    judge(await ask({ method: 'DELETE', path: `${LABS}/vera` }), { path: '', status: 204, body: '' });
  });

  it('2.6 a lab that runs: the whole status, the list, 409 to a second, 204, gone', async () => {
    await ask(
      create('rachel', {
        image_list: [platform.image('recommended')],
        image_dropdown: ['x/y'],
        size: ['LARGE'],
        enable_debug: ['true'],
        reset_user_env: [],
      }),
    );
    const stream = await ask({ path: `${LABS}/rachel/events`, headers: { 'x-auth-request-user': 'rachel' } });
    await reached('rachel', 'running');

    expect(stream.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    expect(stream.headers['cache-control']).toMatch(/^no-store\b/);
    expect(stream.headers['x-accel-buffering']).toBe('no');
    expect(stream.text).toMatch(
      /^: .*\r\nevent: info\r\nid: \w{10}-1\r\ndata: \{"message": "Starting lab creation for rachel", "progress": 1\}\r\n\r\n/,
    );
    expect(stream.text).toMatch(
      /event: complete\r\nid: \w{10}-\d+\r\ndata: \{"message": "Lab Kubernetes pod started for rachel"\}\r\n\r\n$/,
    );
    const whole = {
      user: {
        username: 'rachel',
        name: 'Rachel Chen',
        uid: 1101,
        gid: 2028,
        groups: [
          { name: 'rachel', id: 1101 },
          { name: 'lunatics', id: 2028 },
        ],
      },
      options: {
        // The digest is that of the weekly image, whose own tag counts (4.7).
        image: platform.image('w_2026_46'),
        size: 'large',
        enable_debug: true,
        reset_user_env: false,
      },
      status: 'running',
      internal_url: 'http://lab.userlabs-rachel:8888/nb/user/somebody/',
      resources: {
        limits: { cpu: 4, memory: 12_884_901_888 },
        requests: { cpu: 0.25, memory: 805_306_368 },
      },
      quota: { cpu: 9, memory: 28_991_029_248 },
    };
    expect(await status('rachel')).toEqual(whole);
    expect(JSON.parse((await ask({ path: `${P}/spawner/v1/user-status`, as: 'rachel' })).text)).toEqual(
      whole,
    );
    expect(JSON.parse((await ask({ path: LABS })).text)).toEqual(['rachel']);
    judge(await ask(create('rachel', RECOMMENDED)), {
      path: '',
      status: 409,
      detail: { msg: 'Lab already exists for rachel', type: 'lab_exists' },
    });
    // Check 7 comes before check 11.
    judge(await ask(create('rachel', { ...RECOMMENDED, size: 'huge' })), { path: '', status: 422 });

    judge(await ask({ method: 'DELETE', path: `${LABS}/rachel` }), { path: '', status: 204, body: '' });
    judge(await ask({ method: 'DELETE', path: `${LABS}/rachel` }), {
      path: '',
      status: 404,
      detail: unknownUser('rachel'),
    });
  });
});
