import { afterEach, describe, expect, it } from 'vitest';
import { SystemClock } from '../common/clock.js';
import { FakeApi, sendJson, sendStatus } from '../../test/support/fake-api.js';
import { connectTo } from '../../test/support/kube.js';
import { until } from '../../test/support/until.js';
import type { CallOptions } from './call.js';
import { InformerStores } from './informer-stores.js';
import { KubernetesError } from './kubernetes.error.js';
import { KubeReader } from './reader.js';
import { CONFIG_MAPS, PODS, type KubeObject, type ResourceKind } from './resource.js';
import { KubeWriter } from './writer.js';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const MAPS: ResourceKind = CONFIG_MAPS;
const ref = { namespace: 'n', name: 'a' };
const call: CallOptions = { priority: 'interactive', reason: 'spec' };
const aMap = (version = 1, extra: object = {}): KubeObject =>
  JSON.parse(
    JSON.stringify({
      metadata: { ...ref, uid: 'u', resourceVersion: String(version), managedFields: [{}] },
      ...extra,
    }),
  ) as KubeObject;

async function scene(script: Parameters<typeof FakeApi.start>[0]): Promise<{
  api: FakeApi;
  reader: KubeReader;
  writer: KubeWriter;
  told: string[];
}> {
  const api = await FakeApi.start(script);
  const transport = await connectTo(api.url);
  const stores = new InformerStores();
  const told: string[] = [];
  const feed = {
    accept: (object: KubeObject) => void told.push(`accept ${object.metadata?.resourceVersion ?? ''}`),
    gone: (_: unknown, uid: string) => void told.push(`gone ${uid}`),
  };
  stores.register(MAPS, feed);
  stores.register(PODS, feed);
  closers.push(
    () => api.stop(),
    () => transport.close(),
  );
  return {
    api,
    reader: new KubeReader(transport, stores, new SystemClock()),
    writer: new KubeWriter(transport, stores),
    told,
  };
}

describe('KubeReader', () => {
  it('answers undefined only when the API server says that this object does not exist', async () => {
    const { api, reader } = await scene((_, response) => {
      if (api.asked.length === 1) sendStatus(response, 404, 'NotFound', { name: 'a', kind: 'configmaps' });
      else sendJson(response, 404, 'a proxy knows no such page');
    });

    expect(await reader.get(MAPS, ref, call)).toBeUndefined();
    await expect(reader.get(MAPS, ref, { ...call, deadline: 200 as never })).rejects.toMatchObject({
      verdict: 'retry',
    });
  });

  it('refuses to take the list of all for an object without a name', async () => {
    const { api, reader } = await scene((_, response) => sendJson(response, 200, { items: [] }));

    await expect(reader.get(MAPS, { ...ref, name: '' }, call)).rejects.toThrow('an object without a name');
    expect(api.asked).toEqual([]);
  });

  it('shares the next confirming read among those who wait, never the one already sent', async () => {
    const pending: (() => void)[] = [];
    const { api, reader } = await scene((_, response) => {
      const version = api.asked.length;
      pending.push(() => sendJson(response, 200, aMap(version)));
    });
    const versions: (string | undefined)[] = [];
    const confirm = async (): Promise<void> => {
      const found = await reader.confirm(MAPS, ref, call);
      versions.push(found?.metadata?.resourceVersion);
    };

    const first = confirm();
    await until(() => pending.length === 1);
    const waiting = [confirm(), confirm(), confirm()];
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(api.asked).toHaveLength(1);
    pending[0]?.();
    await first;
    await until(() => pending.length === 2);
    pending[1]?.();
    await Promise.all(waiting);
    const later = confirm();
    await until(() => pending.length === 3);
    pending[2]?.();
    await later;

    expect(versions).toEqual(['1', '2', '2', '2', '3']);
    expect(api.asked).toHaveLength(3);
  });

  it('lets one who waits for a confirmation give up without taking it from the others', async () => {
    const pending: (() => void)[] = [];
    const { reader } = await scene((_, response) => void pending.push(() => sendJson(response, 200, aMap())));
    const impatient = new AbortController();
    const gaveUp = reader.confirm(MAPS, ref, { ...call, signal: impatient.signal });
    await until(() => pending.length === 1);

    impatient.abort();
    await expect(gaveUp).rejects.toBeInstanceOf(KubernetesError);
    const other = reader.confirm(MAPS, ref, call);
    pending[0]?.();
    await until(() => pending.length === 2);
    pending[1]?.();

    expect((await other)?.metadata?.uid).toBe('u');
  });

  it('lists in pages, or up to a limit in one request', async () => {
    const { api, reader } = await scene((asked, response) => {
      const isFirst = !asked.query.has('continue');
      sendJson(response, 200, { metadata: isFirst ? { continue: 'more' } : {}, items: [aMap(), aMap()] });
    });

    expect(await reader.list(MAPS, { namespace: 'n', labelSelector: 'a=b' }, call)).toHaveLength(4);
    expect(await reader.list(MAPS, { limit: 2 }, call)).toHaveLength(2);

    expect(
      api.asked.map(({ path, query }) => [path, query.get('labelSelector'), query.get('limit')]),
    ).toEqual([
      ['/api/v1/namespaces/n/configmaps', 'a=b', '500'],
      ['/api/v1/namespaces/n/configmaps', 'a=b', '500'],
      ['/api/v1/configmaps', null, '2'],
    ]);
  });
});

describe('KubeWriter', () => {
  it('puts the response of a create into the stores, without managedFields and with unknown fields', async () => {
    const { api, writer, told } = await scene((_, response) =>
      sendJson(response, 201, aMap(7, { future: 1 })),
    );

    const created = await writer.create(MAPS, aMap(), call);

    expect(created).toMatchObject({ kind: 'ConfigMap', future: 1 });
    expect(created.metadata).not.toHaveProperty('managedFields');
    expect(told).toEqual(['accept 7']);
    expect(JSON.parse(api.asked[0]?.body ?? '')).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' });
  });

  it('counts an object that exists as not created, and throws for every other refusal', async () => {
    const { api, writer } = await scene((_, response) =>
      api.asked.length === 1
        ? sendStatus(response, 409, 'AlreadyExists', { name: 'a', kind: 'configmaps' })
        : sendStatus(response, 403, 'Forbidden'),
    );

    expect(await writer.createIfAbsent(MAPS, aMap(), call)).toBe(false);
    await expect(writer.createIfAbsent(MAPS, aMap(), call)).rejects.toMatchObject({ verdict: 'permanent' });
  });

  it('sends a JSON patch to the subresource, and takes a failed test for a conflict', async () => {
    const { api, writer } = await scene((_, response) =>
      api.asked.length === 1 ? sendJson(response, 200, aMap(8)) : sendStatus(response, 422, 'Invalid'),
    );
    const operations = [{ op: 'test', path: '/metadata/uid', value: 'u' }] as const;

    await writer.patch(MAPS, ref, operations, { ...call, subresource: 'status' });
    await expect(writer.patch(MAPS, ref, operations, call)).rejects.toMatchObject({ verdict: 'conflict' });

    expect(api.asked[0]).toMatchObject({ method: 'PATCH', path: '/api/v1/namespaces/n/configmaps/a/status' });
    expect(api.asked[0]?.headers['content-type']).toBe('application/json-patch+json');
    expect(JSON.parse(api.asked[0]?.body ?? '')).toEqual(operations);
  });

  it('repeats a patch whose answer was lost only when it carries a test', async () => {
    const { api, writer } = await scene((_, response) => {
      if (api.asked.length === 1) response.destroy();
      else sendJson(response, 200, aMap(9));
    });
    const replace = { op: 'replace', path: '/data', value: {} } as const;

    await expect(writer.patch(MAPS, ref, [replace], call)).rejects.toMatchObject({ unanswered: true });
    expect(api.asked).toHaveLength(1);
    api.asked.length = 0;
    await writer.patch(MAPS, ref, [{ op: 'test', path: '/metadata/uid', value: 'u' }, replace], call);

    expect(api.asked).toHaveLength(2);
  });

  it.each<[what: string, status: number, body: object, end: { outcome: string; told: string[] }]>([
    [
      'gone at once',
      200,
      { kind: 'Status', status: 'Success', details: { uid: 'u' } },
      { outcome: 'deleted', told: ['gone u'] },
    ],
    [
      'gone with no grace',
      200,
      { kind: 'Pod', metadata: { uid: 'u', resourceVersion: '9', deletionGracePeriodSeconds: 0 } },
      { outcome: 'deleted', told: ['gone u'] },
    ],
    [
      'lingering for its grace',
      200,
      { kind: 'Pod', metadata: { uid: 'u', resourceVersion: '9', deletionGracePeriodSeconds: 30 } },
      { outcome: 'deleted', told: ['accept 9'] },
    ],
    [
      'held by a finalizer',
      200,
      {
        kind: 'Pod',
        metadata: { uid: 'u', resourceVersion: '9', deletionGracePeriodSeconds: 0, finalizers: ['x'] },
      },
      { outcome: 'deleted', told: ['accept 9'] },
    ],
    [
      'absent',
      404,
      { kind: 'Status', reason: 'NotFound', details: { name: 'a', kind: 'pods' } },
      { outcome: 'absent', told: ['gone u'] },
    ],
    [
      'replaced by another',
      409,
      {
        kind: 'Status',
        reason: 'Conflict',
        message: 'the UID in the precondition (u) does not match the UID in record (v).',
      },
      { outcome: 'replaced', told: [] },
    ],
  ])('reports the deletion of an object that is %s', async (_, status, body, { outcome, told }) => {
    const { api, writer, told: seen } = await scene((__, response) => sendJson(response, status, body));

    const result = await writer.delete(PODS, ref, {
      ...call,
      uid: 'u',
      graceSeconds: 1,
      propagation: 'Background',
    });

    expect(result).toBe(outcome);
    expect(seen).toEqual(told);
    expect(JSON.parse(api.asked[0]?.body ?? '')).toMatchObject({
      preconditions: { uid: 'u' },
      gracePeriodSeconds: 1,
      propagationPolicy: 'Background',
    });
  });

  it('deletes nothing that was written since it was read, where that is asked for', async () => {
    const message =
      'the ResourceVersion in the precondition (7) does not match the ResourceVersion in record (8).';
    const { api, writer, told } = await scene((_, response) =>
      sendJson(response, 409, { kind: 'Status', reason: 'Conflict', message }),
    );

    const deletion = writer.delete(PODS, ref, { ...call, uid: 'u', resourceVersion: '7' });

    await expect(deletion).rejects.toMatchObject({ verdict: 'conflict' });
    expect(JSON.parse(api.asked[0]?.body ?? '')).toMatchObject({
      preconditions: { uid: 'u', resourceVersion: '7' },
    });
    expect(told).toEqual([]);
  });

  it('deletes a selection of one namespace', async () => {
    const { api, writer } = await scene((_, response) => sendJson(response, 200, { items: [] }));

    await writer.deleteCollection(MAPS, 'n', { ...call, labelSelector: 'berth.dev/operation!=x' });

    expect(api.asked[0]).toMatchObject({ method: 'DELETE', path: '/api/v1/namespaces/n/configmaps' });
    expect(api.asked[0]?.query.get('labelSelector')).toBe('berth.dev/operation!=x');
  });
});
