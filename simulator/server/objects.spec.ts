import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { ApiServer } from './index.js';
import { startApiServer } from './index.js';
import { TestClient } from './test-client.js';

let server: ApiServer;
let client: TestClient;
let ns: string;

beforeAll(async () => {
  server = await startApiServer();
  client = new TestClient(server.url);
  ns = await client.namespace('objects');
});
afterAll(() => server.close());

const configMap = (name: string, data: Record<string, string> = {}) => ({ metadata: { name }, data });

describe('creating', () => {
  it('gives uid, version and time, and answers 409 to a second create', async () => {
    const made = await client.post(`${ns}/configmaps`, configMap('twice', { a: '1' }));
    const again = await client.post(`${ns}/configmaps`, configMap('twice'));

    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1', data: { a: '1' } });
    expect(made.body.metadata).toMatchObject({ namespace: 'objects', uid: expect.any(String) as string });
    expect(again.body).toMatchObject({
      code: 409,
      reason: 'AlreadyExists',
      message: 'configmaps "twice" already exists',
      details: { name: 'twice', kind: 'configmaps' },
    });
  });

  it('stores nothing on a dry run', async () => {
    const dry = await client.post(`${ns}/configmaps?dryRun=All`, { metadata: { generateName: 'dry-' } });

    expect(dry.body.metadata).toMatchObject({ name: expect.stringMatching(/^dry-[a-z0-9]{5}$/) as string });
    expect(dry.body.metadata['resourceVersion']).toBeUndefined();
    expect(server.store.dump('configmaps').some(({ metadata }) => metadata.generateName === 'dry-')).toBe(
      false,
    );
  });

  it.each([
    ['a name that is none', { metadata: { name: 'A_b' } }, 422, 'metadata.name'],
    ['no name', { metadata: {} }, 422, 'metadata.name'],
    ['a bad label', { metadata: { name: 'x', labels: { a: '-x-' } } }, 422, 'metadata.labels'],
    ['a bad key', { metadata: { name: 'x' }, data: { 'a/b': '' } }, 422, 'data[a/b]'],
    [
      'a finalizer without domain',
      { metadata: { name: 'x', finalizers: ['abc'] } },
      422,
      'metadata.finalizers[0]',
    ],
    ['too much data', { metadata: { name: 'x' }, data: { a: 'x'.repeat(1_048_577) } }, 422, '[]'],
  ])('refuses %s', async (_name, body, status, field) => {
    const refused = await client.post(`${ns}/configmaps`, body);

    expect(refused.status).toBe(status);
    expect(refused.body).toMatchObject({ reason: 'Invalid', details: { causes: [{ field }] } });
  });

  it('refuses what no body may be: 413 above 3 MiB, 500 above what etcd takes', async () => {
    const huge = await client.post(`${ns}/configmaps`, configMap('huge', { a: 'x'.repeat(3_145_729) }));
    const container = { name: 'a', image: 'b', args: ['x'.repeat(1_700_000)] };
    const large = await client.post(`${ns}/pods`, {
      metadata: { name: 'large' },
      spec: { containers: [container] },
    });

    expect(huge.body).toMatchObject({ code: 413, message: 'Request entity too large: limit is 3145728' });
    expect(large.body).toMatchObject({ code: 500, message: 'etcdserver: request is too large' });
  });

  it('never loses or changes data on the way', async () => {
    const key = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
    await fc.assert(
      fc.asyncProperty(fc.dictionary(key, fc.string({ unit: 'binary' })), async (data) => {
        const { body } = await client.post(`${ns}/configmaps`, { metadata: { generateName: 'law-' }, data });
        const read = await client.get(`${ns}/configmaps/${String(body.metadata['name'])}`);

        expect(read.body['data'] ?? {}).toEqual(data);
      }),
      { numRuns: 30 },
    );
  });
});

describe('changing', () => {
  it('refuses a stale version, and takes none as "whatever is there"', async () => {
    await client.post(`${ns}/configmaps`, configMap('put'));

    const stale = await client.put(`${ns}/configmaps/put`, {
      metadata: { name: 'put', resourceVersion: '1' },
    });
    const blind = await client.put(`${ns}/configmaps/put`, configMap('put', { b: '2' }));

    expect(stale.body).toMatchObject({ code: 409, reason: 'Conflict' });
    expect(blind.body).toMatchObject({ data: { b: '2' } });
  });

  it('writes nothing when nothing changes', async () => {
    const { body } = await client.post(`${ns}/configmaps`, configMap('same', { a: '1' }));
    const before = server.store.currentRevision();

    const again = await client.patch('merge', `${ns}/configmaps/same`, { data: { a: '1' } });

    expect(again.body.metadata['resourceVersion']).toBe(body.metadata['resourceVersion']);
    expect(server.store.currentRevision()).toBe(before);
  });

  it('holds immutable Secrets and ConfigMaps still', async () => {
    await client.post(`${ns}/secrets`, {
      metadata: { name: 'fixed' },
      stringData: { a: '1' },
      immutable: true,
    });

    const refused = await client.patch('merge', `${ns}/secrets/fixed`, { data: { a: 'Mg==' } });

    expect(refused.body).toMatchObject({
      code: 422,
      message: 'Secret "fixed" is invalid: data: Forbidden: field is immutable when `immutable` is set',
    });
  });

  it('answers a JSON patch whose test fails with 422 and no details', async () => {
    await client.post(`${ns}/configmaps`, configMap('tested', { a: '1' }));

    const refused = await client.patch('json', `${ns}/configmaps/tested`, [
      { op: 'test', path: '/data/a', value: '2' },
    ]);

    expect(refused.body).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'the server rejected our request due to an error in our request',
      reason: 'Invalid',
      details: {},
      code: 422,
    });
  });

  it('speaks no server-side apply', async () => {
    const type = { 'content-type': 'application/apply-patch+yaml' };

    const refused = await client.send('PATCH', `${ns}/configmaps/x?fieldManager=a`, configMap('x'), type);

    expect(refused.body).toMatchObject({ code: 415, reason: 'UnsupportedMediaType' });
  });

  it('creates a Lease by PUT and insists on a version afterwards', async () => {
    const path = '/apis/coordination.k8s.io/v1/namespaces/objects/leases/leader';
    const lease = { metadata: { name: 'leader' }, spec: { renewTime: '2026-11-21T10:00:00.123456Z' } };

    const made = await client.put(path, lease);
    const blind = await client.put(path, lease);
    const coarse = await client.patch('merge', path, { spec: { renewTime: '2026-11-21T10:00:00.123Z' } });

    expect(made.status).toBe(201);
    expect(made.body['spec']).toEqual(lease.spec);
    expect(blind.status).toBe(422);
    expect(coarse.status).toBe(400);
  });
});

describe('deleting', () => {
  it('obeys preconditions', async () => {
    const { body } = await client.post(`${ns}/configmaps`, configMap('gone'));

    const wrong = await client.delete(`${ns}/configmaps/gone`, { preconditions: { uid: 'other' } });
    const right = await client.delete(`${ns}/configmaps/gone`, {
      preconditions: { uid: body.metadata['uid'] },
    });

    expect(wrong.body).toMatchObject({ code: 409, reason: 'Conflict' });
    expect(right.body).toMatchObject({ status: 'Success', details: { name: 'gone', kind: 'configmaps' } });
  });

  it('waits for finalizers, takes no new ones, and ends with the last', async () => {
    const path = `${ns}/configmaps/held`;
    await client.post(`${ns}/configmaps`, { metadata: { name: 'held', finalizers: ['a.b/c'] } });

    const marked = await client.delete(path);
    const added = await client.patch('merge', path, { metadata: { finalizers: ['a.b/c', 'd.e/f'] } });
    await client.patch('merge', path, { metadata: { finalizers: null } });

    expect(marked.body.metadata).toMatchObject({ deletionGracePeriodSeconds: 0, finalizers: ['a.b/c'] });
    expect(added.status).toBe(422);
    expect((await client.get(path)).status).toBe(404);
  });

  it('deletes a collection by its labels and leaves the rest', async () => {
    for (const [name, keep] of [
      ['c1', 'no'],
      ['c2', 'no'],
      ['c3', 'yes'],
    ] as const) {
      await client.post(`${ns}/configmaps`, { metadata: { name, labels: { keep } } });
    }

    const deleted = await client.delete(`${ns}/configmaps?labelSelector=keep%3Dno`);

    expect(deleted.body.items.map(({ metadata }) => metadata.name)).toEqual(['c1', 'c2']);
    expect((await client.get(`${ns}/configmaps/c3`)).status).toBe(200);
  });

  it.each([
    ['Foreground', ['foregroundDeletion']],
    ['Orphan', ['orphan']],
  ])('leaves the %s finalizer for the collector', async (policy, finalizers) => {
    const name = `policy-${policy.toLowerCase()}`;
    await client.post(`${ns}/configmaps`, configMap(name));

    const { body } = await client.delete(`${ns}/configmaps/${name}`, { propagationPolicy: policy });

    expect(body.metadata['finalizers']).toEqual(finalizers);
  });
});

describe('the text of objects', () => {
  it('escapes line separators as Go does', async () => {
    await client.post(`${ns}/configmaps`, configMap('separators', { a: 'x\u2028y\u2029z' }));

    const response = await fetch(`${server.url}${ns}/configmaps/separators`);
    const text = await response.text();

    expect(text).toContain(String.raw`x\u2028y\u2029z`);
    expect(JSON.parse(text)).toMatchObject({ data: { a: 'x\u2028y\u2029z' } });
  });
});
