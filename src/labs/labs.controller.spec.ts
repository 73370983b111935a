import { request } from 'undici';
import { afterAll, beforeEach, beforeAll, describe, expect, it } from 'vitest';
import { startApi } from '../../test/support/api-app.js';
import type { ApiApp } from '../../test/support/api-app.js';
import { Story, aLabStatus } from '../../test/support/labs-double.js';
import { until } from '../../test/support/until.js';
import { DeleteFailed, LabExists, TooManyStreams } from './index.js';

const RACHEL = 'gt-rachel-for-the-demo-only';
const HUB = 'gt-hub-for-the-demo-only';
const LABS = '/nublado/spawner/v1/labs';
const ENV = {
  JUPYTERHUB_SERVICE_PREFIX: '/nb/user/rachel/',
  JUPYTERHUB_API_TOKEN: 'very-secret-hub-token',
  EMPTY: '',
};
const body = (options: object, env: unknown = ENV): object => ({ options, env });

interface Detail {
  readonly type: string;
  readonly msg: string;
  readonly loc?: unknown;
  readonly input?: unknown;
}

describe('LabsController', () => {
  let api: ApiApp;

  beforeAll(async () => {
    api = await startApi();
  });

  beforeEach(() => {
    api.labs.created.length = 0;
    api.labs.labs.clear();
  });

  afterAll(async () => {
    await api.app.close();
  });

  const ask = async (
    method: string,
    path: string,
    options: { token?: string; json?: unknown; text?: string } = {},
  ) => {
    const { token = HUB, json, text = json === undefined ? undefined : JSON.stringify(json) } = options;
    const answer = await request(api.url + path, {
      method: method as 'GET',
      headers: {
        authorization: `Bearer ${token}`,
        ...(text === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(text === undefined ? {} : { body: text }),
    });
    return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
  };
  const create = (json: unknown, token = RACHEL, user = 'rachel') =>
    ask('POST', `${LABS}/${user}/create`, { token, json });
  const detailsOf = (text: string): readonly Detail[] => (JSON.parse(text) as { detail: Detail[] }).detail;

  describe('create', () => {
    it('accepts what the Hub sends, lists unwrapped, and answers null with the place of the status', async () => {
      const answer = await create(
        body({
          image_list: ['reg/lab:w_1@sha256:00'],
          image_dropdown: ['reg/other:x'],
          size: ['Small'],
          enable_debug: ['true'],
        }),
      );

      expect(answer).toMatchObject({ status: 201, text: 'null' });
      expect(answer.headers['location']).toBe(`${api.url}${LABS}/rachel`);
      expect(api.labs.created).toEqual([
        {
          user: expect.objectContaining({ username: 'rachel', uid: expect.any(Number) as number }) as unknown,
          token: RACHEL,
          image: { kind: 'reference', reference: 'reg/lab:w_1@sha256:00', field: 'image_list' },
          size: 'small',
          enableDebug: true,
          resetUserEnv: false,
          env: ENV,
        },
      ]);
    });

    it.each([
      [
        { image_list: ['use_image_from_dropdown'], image_dropdown: ['reg/a:b'] },
        'reference',
        'image_dropdown',
      ],
      [{ image_list: '', image_tag: 'w_1', image_dropdown: null }, 'tag', 'image_tag'],
      [{ image_class: 'latest-weekly', image_dropdown: [], image_list: null }, 'class', 'image_class'],
    ])('finds the image in %j', async (images, kind, field) => {
      const answer = await create(body({ ...images, size: 'small' }));

      expect(answer.status).toBe(201);
      expect(api.labs.created[0]!.image).toMatchObject({ kind, field });
    });

    it.each([
      'dryrun=true',
      'dry_run=true',
      'dry-run=1',
      'dryRun[]=true',
      'DRYRUN',
      'dryRun=true&dryrun=true',
    ])('creates nothing for somebody who asks for a rehearsal by ?%s', async (query) => {
      const json = body({ image_tag: 'w_1', size: 'small' });

      const answer = await ask('POST', `${LABS}/rachel/create?${query}`, { token: RACHEL, json });

      expect(answer.status).toBe(422);
      expect(detailsOf(answer.text)).toEqual([
        expect.objectContaining({
          type: 'value_error',
          loc: ['query', 'dryRun'],
          msg: expect.stringMatching(/^Value error, expected dryRun, not /) as unknown,
        }),
      ]);
      expect(api.labs.created).toEqual([]);
    });

    it('ignores what else a query says', async () => {
      const json = body({ image_tag: 'w_1', size: 'small' });

      const answer = await ask('POST', `${LABS}/rachel/create?x=1&x=2&dry=true`, { token: RACHEL, json });

      expect(answer.status).toBe(201);
    });

    it.each([
      [{ image_list: ['a', 'b'], size: 'small' }, 'Too many values for image_list'],
      [{ image_list: 'use_image_from_dropdown', size: 'small' }, 'No image to spawn specified'],
      [{ size: 'small' }, 'No image to spawn specified'],
      [
        { image_tag: 'w_1', image_class: 'recommended', size: 'x' },
        'Image specified multiple ways (image_class, image_tag)',
      ],
      [
        { image_list: 'a', image_tag: 'w_1', image_dropdown: 'b' },
        'Image specified multiple ways (image_list, image_tag)',
      ],
    ])('refuses the options %j', async (options, why) => {
      const answer = await create(body(options));

      expect(answer.status).toBe(422);
      expect(detailsOf(answer.text)).toEqual([
        {
          type: 'value_error',
          loc: ['body', 'options'],
          msg: `Value error, ${why}`,
          input: options,
          ctx: { error: {} },
        },
      ]);
    });

    it.each([
      [body({ image_tag: 'w_1' }), 'missing', ['body', 'options', 'size'], 'Field required'],
      [
        body({ image_tag: 'w_1', size: 'vast' }),
        'enum',
        ['body', 'options', 'size'],
        "Input should be 'fine', 'diminutive', 'tiny', 'small', 'medium', 'large', 'huge', 'gargantuan', 'colossal' or 'custom'",
      ],
      [
        body({ image_tag: 7, size: 'small' }),
        'string_type',
        ['body', 'options', 'image_tag'],
        'Input should be a valid string',
      ],
      [
        body({ image_tag: 'w_1', size: 'small', enable_debug: 'yes' }),
        'value_error',
        ['body', 'options', 'enable_debug'],
        'Value error, enable_debug must be true or false',
      ],
      [
        body([] as object),
        'model_attributes_type',
        ['body', 'options'],
        'Input should be a valid dictionary or object to extract fields from',
      ],
      [{ env: ENV }, 'missing', ['body', 'options'], 'Field required'],
      [{ options: { image_tag: 'w', size: 'small' } }, 'missing', ['body', 'env'], 'Field required'],
      [
        body({ image_tag: 'w', size: 'small' }, []),
        'dict_type',
        ['body', 'env'],
        'Input should be a valid dictionary',
      ],
      [
        body({ image_tag: 'w', size: 'small' }, {}),
        'value_error',
        ['body', 'env'],
        'Value error, JUPYTERHUB_SERVICE_PREFIX must be set',
      ],
      [
        body({ image_tag: 'w', size: 'small' }, { ...ENV, PORT: 8080 }),
        'string_type',
        ['body', 'env', 'PORT'],
        'Input should be a valid string',
      ],
    ])('refuses %j', async (json, type, loc, msg) => {
      const answer = await create(json);

      expect(answer.status).toBe(422);
      expect(detailsOf(answer.text)).toEqual([expect.objectContaining({ type, loc, msg })]);
    });

    it.each(['nb/user/rachel', '/nb/\u0000', '/nb/user/ra chel', '/nb\r\nX: y'])(
      'refuses the service prefix %j, which is no path',
      async (prefix) => {
        const env = { JUPYTERHUB_SERVICE_PREFIX: prefix };
        const answer = await create(body({ image_tag: 'w', size: 'small' }, env));

        expect(answer.status).toBe(422);
        expect(detailsOf(answer.text)).toMatchObject([{ type: 'value_error', loc: ['body', 'env'] }]);
        expect(answer.text).toContain('must be a URL path');
      },
    );

    it('reports every failing field at once', async () => {
      const answer = await create(
        body(
          { image_tag: 'w', size: 'vast', reset_user_env: 3 },
          { A: 1, B: 2, JUPYTERHUB_SERVICE_PREFIX: '' },
        ),
      );

      expect(detailsOf(answer.text).map(({ loc }) => loc)).toEqual([
        ['body', 'options', 'size'],
        ['body', 'options', 'reset_user_env'],
        ['body', 'env', 'A'],
        ['body', 'env', 'B'],
      ]);
    });

    it('never repeats a secret of the environment', async () => {
      const answers = [
        await create({ env: ENV }),
        await create({ options: { env: ENV, size: 'x' }, env: ENV }),
      ];
      for (const { status, text } of [
        ...answers,
        await create(body({}, { ...ENV, X: { deep: 'very-secret' } })),
      ]) {
        expect(status).toBe(422);
        expect(text).not.toContain('very-secret');
      }
    });

    it.each([
      ['{nope}', 'json_invalid', ['body', 1]],
      ['', 'missing', ['body']],
      ['null', 'missing', ['body']],
      ['[]', 'model_attributes_type', ['body']],
      ['"text"', 'model_attributes_type', ['body']],
    ])('refuses the body %s', async (text, type, loc) => {
      const answer = await ask('POST', `${LABS}/rachel/create`, { token: RACHEL, text });

      expect(answer.status).toBe(422);
      expect(detailsOf(answer.text)).toEqual([expect.objectContaining({ type, loc })]);
    });

    it('refuses bytes that are no UTF-8, and JSON under another content type', async () => {
      const url = `${api.url}${LABS}/rachel/create`;
      const authorization = `Bearer ${RACHEL}`;
      const bytes = Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]);

      const garbled = await request(url, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json' },
        body: bytes,
      });
      const form = await request(url, {
        method: 'POST',
        headers: { authorization, 'content-type': 'text/plain' },
        body: '{}',
      });

      expect(garbled.statusCode).toBe(422);
      expect(detailsOf(await garbled.body.text())[0]!.type).toBe('json_invalid');
      expect(form.statusCode).toBe(422);
      expect(detailsOf(await form.body.text())[0]).toMatchObject({
        type: 'model_attributes_type',
        loc: ['body'],
      });
    });

    it('knows whether the caller still waits', async () => {
      let accept = (): void => undefined;
      api.labs.creation = new Promise((resolve) => (accept = resolve));
      const gone = new AbortController();
      const options = {
        method: 'POST',
        headers: { authorization: `Bearer ${RACHEL}`, 'content-type': 'application/json' },
        body: JSON.stringify(body({ image_tag: 'w', size: 'small' })),
        signal: gone.signal,
      } as const;
      const answer = request(`${api.url}${LABS}/rachel/create`, options);
      const left = expect(answer).rejects.toThrow('enough');
      await until(() => api.labs.created.length === 1, 'the request');
      expect(api.labs.isAwaited()).toBe(true);

      gone.abort(new Error('enough'));
      await left;
      await until(() => !api.labs.isAwaited(), 'that the caller is missed');

      accept();
      api.labs.creation = Promise.resolve();
    });

    it('survives a body nested a hundred thousand deep', async () => {
      const deep = '['.repeat(100_000) + ']'.repeat(100_000);

      const answer = await ask('POST', `${LABS}/rachel/create`, {
        token: RACHEL,
        text: `{"options": {"image_tag": ${deep}, "size": {"a": ${deep}}}, "env": {"A": ${deep}}}`,
      });

      expect(answer.status).toBe(422);
    });

    it('checks the token before the body, and the body before the path', async () => {
      const badToken = await ask('POST', `${LABS}/rachel/create`, { token: 'nobody', text: '{nope}' });
      const badBody = await create({}, RACHEL, 'wrench');
      const badPath = await create(body({ image_tag: 'w', size: 'small' }), RACHEL, 'wrench');

      expect([badToken.status, badBody.status, badPath.status]).toEqual([401, 422, 403]);
      expect(detailsOf(badPath.text)).toEqual([{ msg: 'Permission denied', type: 'permission_denied' }]);
      expect(api.labs.created).toEqual([]);
    });

    it('lets a hub act for a user it names, with the facts of the identity provider', async () => {
      const json = { ...body({ image_tag: 'w', size: 'small' }), user: { username: 'rachel', uid: 0 } };

      const answer = await create(json, HUB);

      expect(answer.status).toBe(201);
      expect(api.labs.created[0]).toMatchObject({ user: { username: 'rachel' }, token: RACHEL });
      expect(api.labs.created[0]!.user.uid).toBeGreaterThan(0);
    });

    it.each([
      ['a user names somebody', RACHEL, 'rachel', { username: 'rachel' }, 403],
      ['a hub names another than the path', HUB, 'rachel', { username: 'wrench' }, 403],
      ['a hub names nobody', HUB, 'rachel', {}, 422],
      ['a hub names an unknown user', HUB, 'nobody', { username: 'nobody' }, 403],
    ] as const)('refuses when %s', async (...[, token, path, user, status]) => {
      const answer = await create({ ...body({ image_tag: 'w', size: 'small' }), user }, token, path);

      expect(answer.status).toBe(status);
      expect(api.labs.created).toEqual([]);
    });

    it("passes on the room's refusals with code and status", async () => {
      api.labs.fail = new LabExists('rachel');

      const answer = await create(body({ image_tag: 'w', size: 'small' }));

      expect(answer.status).toBe(409);
      expect(detailsOf(answer.text)).toEqual([{ msg: 'Lab already exists for rachel', type: 'lab_exists' }]);
    });
  });

  describe('status, list and delete', () => {
    it('tells a lab with the contract’s fields, nulls included', async () => {
      api.labs.labs.set('rachel', aLabStatus());

      const answer = await ask('GET', `${LABS}/rachel`);

      expect(JSON.parse(answer.text)).toEqual({
        user: {
          username: 'rachel',
          name: 'Rachel',
          uid: 1101,
          gid: 1101,
          groups: [{ name: 'rachel', id: 1101 }],
        },
        options: {
          image: 'registry.example.org/lab:w_2026_46@sha256:00',
          size: 'small',
          enable_debug: false,
          reset_user_env: true,
        },
        status: 'running',
        internal_url: 'http://lab.userlabs-rachel:8888/nb/user/rachel/',
        resources: { limits: { cpu: 1, memory: 3221225472 }, requests: { cpu: 0.25, memory: 805306368 } },
        quota: null,
      });
    });

    it('locates an unknown user in the path where the user is there', async () => {
      const byHub = await ask('GET', `${LABS}/rachel`);
      const byUser = await ask('GET', '/nublado/spawner/v1/user-status', { token: RACHEL });

      expect([byHub.status, byUser.status]).toEqual([404, 404]);
      expect(detailsOf(byHub.text)).toEqual([
        { msg: 'Unknown user rachel', type: 'unknown_user', loc: ['path', 'username'] },
      ]);
      expect(detailsOf(byUser.text)).toEqual([{ msg: 'Unknown user rachel', type: 'unknown_user' }]);
    });

    it('lists, and removes with an empty 204', async () => {
      api.labs.labs.set('rachel', aLabStatus());

      const list = await ask('GET', LABS);
      const removed = await ask('DELETE', `${LABS}/rachel`);

      expect(JSON.parse(list.text)).toEqual(['rachel']);
      expect(removed).toMatchObject({ status: 204, text: '' });
      expect(api.labs.removed).toContain('rachel');
    });
  });

  it('says that a removal failed in the contract’s words and no others', async () => {
    api.labs.fail = new DeleteFailed('rachel');

    const answer = await ask('DELETE', `${LABS}/rachel`);

    expect(answer.status).toBe(500);
    expect(detailsOf(answer.text)).toEqual([{ msg: 'Failed to delete lab', type: 'delete_failed' }]);
  });

  it('asks for a story as whoever has the name now, and for anybody’s where a hub asks', async () => {
    const story = new Story();
    story.end();
    api.labs.stories.set('rachel', story);
    api.labs.asked.length = 0;

    await ask('GET', `${LABS}/rachel/events`, { token: RACHEL });
    await ask('GET', `${LABS}/rachel/events`);

    expect(api.labs.asked).toEqual([
      ['rachel', { uid: 1101 }],
      ['rachel', { uid: undefined }],
    ]);
    api.labs.stories.clear();
  });

  it('shows on the form what everybody must know of their home', async () => {
    api.labs.home.sentence = 'What is in a home is destroyed whenever the lab stops';

    const form = await ask('GET', '/nublado/spawner/v1/lab-form/rachel', { token: RACHEL });

    expect(form.text).toContain(api.labs.home.sentence);
    api.labs.home.sentence = undefined;
  });

  it('refuses a stream with JSON before it begins', async () => {
    const unknown = await ask('GET', `${LABS}/rachel/events`, { token: RACHEL });
    api.labs.fail = new TooManyStreams('rachel', 20);
    const crowded = await ask('GET', `${LABS}/rachel/events`, { token: RACHEL });
    const odd = await ask('GET', `${LABS}/rachel/events?format=odd`, { token: RACHEL });

    expect([unknown.status, crowded.status, odd.status]).toEqual([404, 429, 422]);
    expect(crowded.headers['retry-after']).toBe('5');
    expect(unknown.headers['content-type']).toContain('application/json');
    expect(detailsOf(odd.text)[0]).toMatchObject({ type: 'enum', loc: ['query', 'format'] });
  });
});
