import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { ApiServer, RequestRecord } from './index.js';
import { startApiServer } from './index.js';
import { TestClient } from './test-client.js';

let server: ApiServer;
let client: TestClient;

beforeAll(async () => {
  server = await startApiServer({
    namespaces: ['berth'],
    deny: ({ verb, resource }) => (verb === 'delete' && resource === 'namespaces' ? 'not you' : undefined),
  });
  client = new TestClient(server.url);
});
afterAll(() => server.close());

describe('the API server', () => {
  it('starts with the namespaces of every cluster and the wished ones', async () => {
    const { body } = await client.get('/api/v1/namespaces');

    expect(body.items.map(({ metadata }) => metadata.name)).toEqual([
      'berth',
      'default',
      'kube-node-lease',
      'kube-public',
      'kube-system',
    ]);
  });

  it.each([
    ['/foo', 404, { text: '404 page not found\n' }],
    ['/apis/foo.bar/v1/foos', 404, { text: '404 page not found\n' }],
    [
      '/api/v1/foos',
      404,
      { message: 'the server could not find the requested resource', reason: 'NotFound' },
    ],
    ['/api/v1/namespaces/default/configmaps/a/status', 404, { reason: 'NotFound', details: {} }],
    ['/healthz', 200, { text: 'ok' }],
  ])('answers %s with %i', async (path, status, body) => {
    const answer = await client.get(path);

    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject(body);
  });

  it('knows which methods a path has', async () => {
    const put = await client.put('/api/v1/namespaces/default/configmaps', {});
    const deleteAll = await client.delete('/api/v1/namespaces');

    expect([put.status, deleteAll.status]).toEqual([405, 405]);
    expect(put.body['reason']).toBe('MethodNotAllowed');
  });

  it('refuses what it can neither read nor write', async () => {
    const path = '/api/v1/namespaces/default/configmaps';

    const protobuf = await client.send(
      'POST',
      path,
      {},
      { 'content-type': 'application/vnd.kubernetes.protobuf' },
    );
    const html = await client.get(path, 'text/html');

    expect(protobuf.body).toMatchObject({ code: 415, reason: 'UnsupportedMediaType' });
    expect(html.body).toMatchObject({ code: 406, reason: 'NotAcceptable' });
  });

  it('tells what may be done', async () => {
    const ask = (verb: string) =>
      client.post('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
        spec: { resourceAttributes: { verb, resource: 'namespaces' } },
      });

    expect((await ask('create')).body['status']).toEqual({ allowed: true });
    expect((await ask('delete')).body['status']).toEqual({ allowed: false, reason: 'not you' });
  });

  it('is discovered in parts and as a whole', async () => {
    const list = await client.get('/apis/batch/v1');
    const all = await client.get(
      '/apis',
      'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
    );

    expect(list.body).toMatchObject({ kind: 'APIResourceList', groupVersion: 'batch/v1' });
    expect(list.body['resources']).toContainEqual(
      expect.objectContaining({ name: 'jobs/status', kind: 'Job', verbs: ['get', 'patch', 'update'] }),
    );
    expect(all.body['kind']).toBe('APIGroupDiscoveryList');
    expect(all.headers.get('content-type')).toContain('as=APIGroupDiscoveryList');
  });

  it('shows core events as events.k8s.io does', async () => {
    await client.post('/api/v1/namespaces/default/events', {
      metadata: { name: 'e' },
      involvedObject: { kind: 'Node', name: 'n1' },
      reason: 'R',
      message: 'm',
      type: 'Normal',
    });

    const { body } = await client.get('/apis/events.k8s.io/v1/namespaces/default/events/e');

    expect(body).toMatchObject({
      apiVersion: 'events.k8s.io/v1',
      note: 'm',
      regarding: { kind: 'Node', name: 'n1' },
      reason: 'R',
    });
  });

  it('tells who asked for what', async () => {
    const seen: RequestRecord[] = [];
    const stop = server.onRequest((record) => seen.push(record));

    await client.send('GET', '/api/v1/namespaces/default/pods/absent/status', undefined, {
      'user-agent': 'spec',
    });
    stop();
    await client.get('/api/v1/namespaces');

    expect(seen).toEqual([
      {
        verb: 'get',
        group: '',
        resource: 'pods',
        subresource: 'status',
        namespace: 'default',
        name: 'absent',
        status: 404,
        userAgent: 'spec',
      },
    ]);
  });

  it('gives a kubeconfig for its address', () => {
    expect(server.kubeconfig('berth')).toMatchObject({
      clusters: [{ cluster: { server: server.url, 'insecure-skip-tls-verify': true } }],
      contexts: [{ context: { namespace: 'berth' } }],
    });
  });
});
