import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { millis } from '../common/units.js';
import { selfSigned } from '../../test/support/certificate.js';
import { FakeApi, sendJson, sendStatus } from '../../test/support/fake-api.js';
import { FakeClock } from '../../test/support/fake-clock.js';
import { connectTo, scratch } from '../../test/support/kube.js';
import { letSocketsSpeak, until } from '../../test/support/until.js';
import type { CallOptions, KubeRequest, RequestReport } from './call.js';
import { KubernetesError } from './kubernetes.error.js';
import { CONFIG_MAPS } from './resource.js';
import type { KubeTransport } from './transport.js';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

type Script = Parameters<typeof FakeApi.start>[0];
async function serve(...args: Parameters<typeof FakeApi.start>): Promise<FakeApi> {
  const api = await FakeApi.start(...args);
  closers.push(() => api.stop());
  return api;
}
async function connect(...args: Parameters<typeof connectTo>): Promise<KubeTransport> {
  const transport = await connectTo(...args);
  closers.push(() => transport.close());
  return transport;
}

const call = (options: Partial<CallOptions> = {}): CallOptions => ({
  priority: 'reconcile',
  reason: 'spec',
  ...options,
});
const get = (options: Partial<CallOptions> = {}): KubeRequest => ({
  verb: 'get',
  kind: CONFIG_MAPS,
  ref: { namespace: 'n', name: 'a' },
  repeatable: true,
  options: call(options),
});
const create = (repeatable = true): KubeRequest => ({
  verb: 'create',
  kind: CONFIG_MAPS,
  ref: { namespace: 'n', name: 'a' },
  body: { metadata: { name: 'a' } },
  repeatable,
  options: call(),
});
const failureOf = async (pending: Promise<unknown>): Promise<KubernetesError> => {
  const error: unknown = await pending.then(
    () => new Error('it succeeded'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof KubernetesError)) throw error as Error;
  return error;
};

describe('KubeTransport', () => {
  it('makes 200 HTTPS requests over a handful of connections, and 200 at once over as many as allowed', async () => {
    const tls = selfSigned('api');
    const api = await serve((_, response) => sendJson(response, 200, {}), tls);
    const ca = Buffer.from(tls.cert).toString('base64');
    const transport = await connect(api.url, {
      cluster: { 'certificate-authority-data': ca },
      connections: 4,
    });

    for (let i = 0; i < 200; i += 1) await transport.request(get());
    expect(api.connections).toBeLessThanOrEqual(3);

    await Promise.all(Array.from({ length: 200 }, () => transport.request(get())));
    expect(api.connections).toBeLessThanOrEqual(4);
  });

  it('keeps its connection after a deletion, whose body says which object is meant', async () => {
    const api = await serve((_, response) => sendJson(response, 200, {}));
    const transport = await connect(api.url);
    const deletion = { ...get(), verb: 'delete', body: { kind: 'DeleteOptions' } } as const;

    for (let i = 0; i < 20; i += 1) await transport.request(deletion);

    expect(api.connections).toBeLessThanOrEqual(3);
  });

  it('refuses a certificate that it cannot verify, without repeating a write as perhaps applied', async () => {
    const api = await serve((_, response) => sendJson(response, 200, {}), selfSigned('api'));
    // The clock stands still: one try that may take as long as it does, and no time for another.
    const transport = await connect(api.url, { clock: new FakeClock() });

    const error = await failureOf(
      transport.request({ ...create(false), options: call({ deadline: millis(0) }) }),
    );

    expect(error).toMatchObject({ status: 0, verdict: 'retry', unanswered: false });
    expect(api.asked).toHaveLength(0);
  });

  it('skips verification when the kubeconfig says so', async () => {
    const api = await serve((_, response) => sendJson(response, 200, { ok: 1 }), selfSigned('api'));
    const transport = await connect(api.url, { cluster: { 'insecure-skip-tls-verify': true } });

    expect(await transport.request(get())).toEqual({ ok: 1 });
  });

  it('shows its client certificate', async () => {
    const server = selfSigned('api');
    const client = selfSigned('berth');
    const api = await serve((_, response) => sendJson(response, 200, {}), {
      ...server,
      ca: client.cert,
      requestCert: true,
    });
    const base64 = (text: string): string => Buffer.from(text).toString('base64');
    const transport = await connect(api.url, {
      cluster: { 'certificate-authority-data': base64(server.cert) },
      user: { 'client-certificate-data': base64(client.cert), 'client-key-data': base64(client.key) },
    });

    await transport.request(get());

    expect(api.asked).toHaveLength(1);
  });

  it('talks plain http without further settings, and says who it is', async () => {
    const api = await serve((_, response) => sendJson(response, 200, {}));
    const transport = await connect(api.url, { user: { token: 'secret' }, version: '1.2.3' });

    await transport.request(get());

    expect(api.asked[0]).toMatchObject({
      method: 'GET',
      path: '/api/v1/namespaces/n/configmaps/a',
      headers: { authorization: 'Bearer secret', 'user-agent': 'berth/1.2.3 (berth)' },
    });
  });

  it('reads a rotated token file again at once after a 401', async () => {
    const tokenFile = join(await scratch(), 'token');
    await writeFile(tokenFile, 'old');
    const api = await serve((asked, response) =>
      asked.headers.authorization === 'Bearer new'
        ? sendJson(response, 200, {})
        : sendStatus(response, 401, 'Unauthorized'),
    );
    const transport = await connect(api.url, { user: { tokenFile } });
    await failureOf(transport.request(get()));

    await writeFile(tokenFile, 'new');
    await transport.request(get());

    expect(api.asked.map((asked) => asked.headers.authorization)).toEqual([
      'Bearer old',
      'Bearer old',
      'Bearer old',
      'Bearer new',
    ]);
  });

  it('reads a rotated token file again after a while although nobody refused the old one', async () => {
    const tokenFile = join(await scratch(), 'token');
    await writeFile(tokenFile, 'old');
    const clock = new FakeClock();
    const api = await serve((_, response) => sendJson(response, 200, {}));
    const transport = await connect(api.url, { user: { tokenFile }, clock });
    await transport.request(get());

    await writeFile(tokenFile, 'new');
    await transport.request(get());
    await clock.advance(60_000);
    await transport.request(get());

    expect(api.asked.map((asked) => asked.headers.authorization)).toEqual([
      'Bearer old',
      'Bearer old',
      'Bearer new',
    ]);
  });

  it('asks the exec plugin of the kubeconfig for its token', async () => {
    const api = await serve((_, response) => sendJson(response, 200, {}));
    const credential = {
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: { token: 't1' },
    };
    const exec = { apiVersion: credential.apiVersion, command: 'echo', args: [JSON.stringify(credential)] };
    const transport = await connect(api.url, {
      user: { exec },
      cluster: { 'insecure-skip-tls-verify': true },
    });

    await transport.request(get());

    expect(api.asked[0]?.headers.authorization).toBe('Bearer t1');
  });

  it('waits as long as a 429 asks, and no request is lost', async () => {
    const clock = new FakeClock();
    const answers = [429, 429, 201];
    const api = await serve((_, response) =>
      sendJson(response, answers[api.asked.length - 1] ?? 500, {}, { 'retry-after': '2' }),
    );
    const transport = await connect(api.url, { clock });

    const pending = transport.request(create(false));
    await until(() => api.asked.length === 1 && (clock.untilNext ?? 0) === 2000, 'the wait');
    await clock.advance(1999);
    expect(api.asked).toHaveLength(1);
    await clock.advance(1);
    await until(() => api.asked.length === 2 && (clock.untilNext ?? 0) === 2000, 'the second wait');
    await clock.advance(2000);
    await pending;

    expect(api.asked).toHaveLength(3);
  });

  it('sends half as many at a time once the API server is too busy, and loses none', async () => {
    const held: (() => void)[] = [];
    let most = 0;
    const api = await serve((_, response) => {
      if (api.asked.length === 1) sendJson(response, 429, {}, { 'retry-after': '1' });
      else held.push(() => sendJson(response, 200, {}));
    });
    const seen: number[] = [];
    const transport = await connect(api.url, { observer: ({ status }) => seen.push(status) });
    const first = transport.request(get());
    await until(() => seen.length === 1, 'the refusal');

    const patient = { priority: 'interactive', deadline: millis(60_000) } as const;
    const crowd = Array.from({ length: 64 }, () => transport.request(get(patient)));
    const all = Promise.all([first, ...crowd]);
    await until(() => held.length === 16, 'half of 32');
    for (let answered = 0; answered < 65;) {
      await letSocketsSpeak();
      most = Math.max(most, held.length);
      const answer = held.shift();
      if (answer) answered += 1;
      answer?.();
    }
    await all;

    // One more for as many answers as are under way at a time, 65 in all.
    expect(most).toBeLessThanOrEqual(16 + 4);
    expect(api.asked).toHaveLength(66);
  });

  it('answers what is vital while everything else hangs on its connections', async () => {
    const api = await serve(({ path }, response) => {
      if (path.endsWith('/vital')) sendJson(response, 200, {});
    });
    const transport = await connect(api.url, { connections: 4 });
    const caller = new AbortController();
    const { signal } = caller;
    const hanging = Array.from({ length: 8 }, () =>
      failureOf(transport.request(get({ priority: 'interactive', signal }))),
    );
    await until(() => api.asked.length === 4, 'all slots taken');

    const vital = { ...get({ priority: 'vital' }), ref: { namespace: 'n', name: 'vital' } };
    await transport.request(vital);

    expect(api.asked).toHaveLength(5);
    caller.abort();
    await Promise.all(hanging);
  });

  it('tells the caller when a 429 asks for longer than its deadline', async () => {
    const api = await serve((_, response) => sendJson(response, 429, {}, { 'retry-after': '60' }));
    const transport = await connect(api.url);

    expect(await failureOf(transport.request(get()))).toMatchObject({
      status: 429,
      verdict: 'retry',
      retryAfter: 60_000,
    });
    expect(api.asked).toHaveLength(1);
  });

  it('repeats after an unknown 5xx within the deadline only', async () => {
    const api = await serve((_, response) => sendStatus(response, 500, 'InternalError'));
    const transport = await connect(api.url);

    const error = await failureOf(transport.request(get({ deadline: millis(600) })));

    expect(error).toMatchObject({ verdict: 'retry', unanswered: false });
    expect(error.status).toBe(500);
    expect(api.asked.length).toBeGreaterThan(1);
  });

  it('tells what it was answered before, when time runs out in a later try', async () => {
    const api = await serve((_, response) => {
      if (api.asked.length === 1) sendStatus(response, 500, 'InternalError');
    });
    const transport = await connect(api.url);

    const error = await failureOf(transport.request(get({ deadline: millis(1_500) })));

    expect(api.asked).toHaveLength(2);
    expect(error).toMatchObject({ status: 500, reason: 'InternalError' });
  });

  it('sends a write whose answer was lost again only if it is repeatable', async () => {
    const lose: Script = (_, response) => {
      if (api.asked.length === 1) response.destroy();
      else sendStatus(response, 409, 'AlreadyExists', { name: 'a', kind: 'configmaps' });
    };
    const api = await serve(lose);
    const transport = await connect(api.url);

    const once = await failureOf(transport.request(create(false)));
    expect(once).toMatchObject({ status: 0, unanswered: true });
    expect(api.asked).toHaveLength(1);

    api.asked.length = 0;
    const twice = await failureOf(transport.request(create(true)));
    expect(twice).toMatchObject({ status: 409, verdict: 'conflict', unanswered: true });
    expect(api.asked).toHaveLength(2);
  });

  it('ends a call that nobody answers at its deadline', async () => {
    const clock = new FakeClock();
    const api = await serve(() => undefined);
    const transport = await connect(api.url, { clock });

    const pending = failureOf(transport.request(create(true)));
    await until(() => api.asked.length === 1);
    await clock.advance(10_000);

    expect(await pending).toMatchObject({ status: 0, verdict: 'retry', unanswered: true });
    expect(clock.pending).toBe(0);
  });

  it('gives up at once when the caller does', async () => {
    const api = await serve(() => undefined);
    const transport = await connect(api.url);
    const controller = new AbortController();

    const pending = failureOf(transport.request(get({ signal: controller.signal })));
    await until(() => api.asked.length === 1);
    controller.abort();

    expect(await pending).toMatchObject({ status: 0 });
    expect(api.asked).toHaveLength(1);
  });

  it('reports every request sent, repeats included', async () => {
    const reports: RequestReport[] = [];
    const api = await serve((_, response) => sendJson(response, api.asked.length === 1 ? 503 : 200, {}));
    const transport = await connect(api.url, { observer: (report) => reports.push(report) });

    await transport.request(get({ reason: 'confirm' }));

    expect(reports.map(({ verb, resource, reason, status }) => [verb, resource, reason, status])).toEqual([
      ['get', 'configmaps', 'confirm', 503],
      ['get', 'configmaps', 'confirm', 200],
    ]);
  });
});
