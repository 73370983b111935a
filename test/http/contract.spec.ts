import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { ContractPlatform } from '../support/contract-platform.js';
import type { Answer, Ask } from '../support/contract-platform.js';
import { until } from '../support/until.js';

const P = '/nublado';
const LABS = `${P}/spawner/v1/labs`;
const FORM = `${P}/spawner/v1/lab-form`;
const JSON_TYPE = /^application\/json/;

/** A request and all that the contract says of its answer. */
interface Case extends Ask {
  readonly status: number;
  /** The one element of `detail`, exactly. */
  readonly detail?: object;
  /** All elements of `detail`, of each the fields given. */
  readonly details?: readonly object[];
  /** The whole body. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly answers?: Readonly<Record<string, string | RegExp>>;
}

const unknownUser = (user: string, inPath = true): object => ({
  msg: `Unknown user ${user}`,
  type: 'unknown_user',
  ...(inPath ? { loc: ['path', 'username'] } : {}),
});
const missing = (...loc: string[]): object => ({ type: 'missing', loc, msg: 'Field required' });
const notSupported = { msg: 'Fileserver is disabled in configuration', type: 'not_supported' };
const denied = (msg = 'Permission denied'): object => ({ msg, type: 'permission_denied' });
const [NO_USER, NO_TOKEN] = ['x-auth-request-user', 'x-auth-request-token'].map((name) =>
  missing('header', name),
);

const ENV = { JUPYTERHUB_SERVICE_PREFIX: '/nb/user/somebody/', JUPYTERHUB_API_TOKEN: 'of-the-hub' };
const create = (as: string, options: object, more: Partial<Case> = {}): Omit<Case, 'status'> => ({
  method: 'POST',
  path: `${LABS}/${as}/create`,
  as,
  json: { options, env: ENV },
  ...more,
});
const RECOMMENDED = { image_class: 'recommended', size: 'small' };

/** Routes, methods and headers, before any lab exists. */
const ROUTES: Readonly<Record<string, Case>> = {
  '2.1 an unknown path is 404': { path: `${P}/nothing`, status: 404, body: { detail: 'Not Found' } },
  '2.1 a wrong method is 405': {
    method: 'PUT',
    path: LABS,
    status: 405,
    body: { detail: 'Method Not Allowed' },
    answers: { allow: /GET/ },
  },
  '2.1 a stray slash is a 307 to the registered path': {
    path: `${LABS}/`,
    status: 307,
    answers: { location: /labs$/ },
  },
  '2.1 the redirect has the scheme that the proxy names': {
    path: `${LABS}/`,
    headers: { host: 'data.example.org', 'x-forwarded-for': '192.0.2.1', 'x-forwarded-proto': 'https' },
    status: 307,
    answers: { location: `https://data.example.org${LABS}` },
  },
  'C HEAD of the index is 405': { method: 'HEAD', path: '/', status: 405 },
  'C OPTIONS of the index is 405': { method: 'OPTIONS', path: '/', status: 405 },
  '2.2 a full check names both headers that are missing': {
    path: `${FORM}/vera`,
    status: 422,
    details: [NO_USER!, NO_TOKEN!],
  },
  '2.2 a full check names the token that is missing': {
    path: `${FORM}/vera`,
    headers: { 'x-auth-request-user': 'vera' },
    status: 422,
    details: [NO_TOKEN!],
  },
  '2.2 a token that Gafaelfawr refuses is 401': {
    path: `${FORM}/vera`,
    as: 'vera',
    headers: { 'x-auth-request-token': 'stolen' },
    status: 401,
    detail: { msg: 'User token is invalid', type: 'invalid_token' },
  },
  '2.2 a token of somebody else is 403': {
    path: `${FORM}/vera`,
    as: 'vera',
    headers: { 'x-auth-request-token': 'rachel-token' },
    status: 403,
    detail: denied(),
  },
  '2.2 the path check needs the user header alone': {
    path: `${LABS}/vera/events`,
    headers: { 'x-auth-request-user': 'vera' },
    status: 404,
    detail: unknownUser('vera'),
  },
  '2.2 the path check wants its own user': {
    path: `${LABS}/vera/events`,
    as: 'rachel',
    status: 403,
    detail: denied(),
  },
  '2.3 events without a header are 422': { path: `${LABS}/vera/events`, status: 422, details: [NO_USER!] },
  '2.3 user-status without a header is 422': {
    path: `${P}/spawner/v1/user-status`,
    status: 422,
    details: [NO_USER!],
  },
  '2.3 the file server’s user-status without a header is 422': {
    path: `${P}/fileserver/v1/user-status`,
    status: 422,
    details: [NO_USER!],
  },
  '2.3 the form of somebody else is 403': {
    path: `${FORM}/rachel`,
    as: 'vera',
    status: 403,
    detail: denied(),
  },
  '2.3 hub and admin routes need no header': {
    path: LABS,
    status: 200,
    body: [],
    answers: { 'content-type': JSON_TYPE },
  },
  '2.3 images are for the ingress to guard': { path: `${P}/spawner/v1/images`, status: 200 },
  '2.3 prepulls too': { path: `${P}/spawner/v1/prepulls`, status: 200 },
  '2.6 an unknown lab says where': { path: `${LABS}/vera`, status: 404, detail: unknownUser('vera') },
  '2.6 one’s own unknown lab is nowhere in the request': {
    path: `${P}/spawner/v1/user-status`,
    as: 'vera',
    status: 404,
    detail: unknownUser('vera', false),
  },
  '2.6 an unknown lab can’t be deleted': {
    method: 'DELETE',
    path: `${LABS}/vera`,
    status: 404,
    detail: unknownUser('vera'),
  },
  '2.8 the page of files is not supported where files are disabled': {
    path: '/files',
    as: 'vera',
    status: 404,
    detail: notSupported,
  },
  '2.11 the list of file servers neither': {
    path: `${P}/fileserver/v1/users`,
    status: 404,
    detail: notSupported,
  },
  '2.11 nor one': { path: `${P}/fileserver/v1/users/vera`, status: 404, detail: notSupported },
  '2.11 nor one’s own': {
    path: `${P}/fileserver/v1/user-status`,
    as: 'vera',
    status: 404,
    detail: notSupported,
  },
  '2.11 nor its removal, which is no failure': {
    method: 'DELETE',
    path: `${P}/fileserver/v1/users/vera`,
    status: 404,
    detail: notSupported,
  },
  '2.11 the administrators’ pod that is not there': {
    path: `${P}/fsadmin/v1/service`,
    status: 404,
    detail: { msg: 'berth/fsadmin', type: 'not_found' },
  },
  '2.11 its removal is no failure': {
    method: 'DELETE',
    path: `${P}/fsadmin/v1/service`,
    status: 204,
    body: '',
  },
  ...Object.fromEntries(
    [undefined, {}, { start: false }, { start: 'true' }, { begin: true }].map((json) => [
      `2.11 it does not start by ${json ? JSON.stringify(json) : 'nothing'}`,
      { method: 'POST', path: `${P}/fsadmin/v1/service`, ...(json && { json }), status: 422 } satisfies Case,
    ]),
  ),
};

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

  const judge = (answer: Answer, { status, detail, details, body, answers = {} }: Case): void => {
    expect({ status: answer.status, text: answer.text }).toMatchObject({ status });
    const parsed = (): unknown => (answer.text === '' ? '' : (JSON.parse(answer.text) as unknown));
    if (detail) expect(parsed()).toEqual({ detail: [detail] });
    if (details)
      expect(parsed()).toEqual({ detail: details.map((one) => expect.objectContaining(one) as object) });
    if (body !== undefined) expect(parsed()).toEqual(body);
    for (const [name, value] of Object.entries(answers)) expect(answer.headers[name]).toMatch(value);
  };
  const ask = (one: Ask): Promise<Answer> => platform.ask(one);
  const status = async (user: string): Promise<Record<string, unknown>> =>
    JSON.parse((await ask({ path: `${LABS}/${user}` })).text) as Record<string, unknown>;
  const reached = async (user: string, phase: string): Promise<void> => {
    for (let seen = ''; seen !== phase;) seen = String((await status(user))['status']);
  };

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
    platform.cluster.kubelets.setScript(image, { failure: 'hang' });
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
    judge(again, { path: '', status: 409, details: [{ type: 'operation_in_progress' }] });
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
