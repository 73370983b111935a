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
  ns = await client.namespace('pods');
});
afterAll(() => server.close());

const pod = (name: string, spec: object = {}, limits?: Record<string, string>) => ({
  metadata: { name },
  spec: { containers: [{ name: 'a', image: 'b', ...(limits ? { resources: { limits } } : {}) }], ...spec },
});

describe('a namespace', () => {
  it('takes nothing new while it goes, and goes when it is finalized', async () => {
    const path = await client.namespace('leaving');
    const marked = await client.delete(path);
    const late = await client.post(`${path}/configmaps`, { metadata: { name: 'late' } });
    const again = await client.post('/api/v1/namespaces', { metadata: { name: 'leaving' } });

    expect(marked.body).toMatchObject({
      status: { phase: 'Terminating' },
      spec: { finalizers: ['kubernetes'] },
    });
    expect(late.body).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message:
        'configmaps "late" is forbidden: unable to create new content in namespace leaving because it is being terminated',
      reason: 'Forbidden',
      details: {
        name: 'late',
        kind: 'configmaps',
        causes: [
          {
            reason: 'NamespaceTerminating',
            message: 'namespace leaving is being terminated',
            field: 'metadata.namespace',
          },
        ],
      },
      code: 403,
    });
    expect(again.body).toMatchObject({
      message: 'object is being deleted: namespaces "leaving" already exists',
    });

    await client.put(`${path}/finalize`, { ...marked.body, spec: { finalizers: [] } });

    expect((await client.get(path)).status).toBe(404);
  });

  it('must exist before anything in it', async () => {
    const { body } = await client.post('/api/v1/namespaces/nowhere/configmaps', { metadata: { name: 'a' } });

    expect(body).toMatchObject({
      code: 404,
      message: 'namespaces "nowhere" not found',
      details: { name: 'nowhere', kind: 'namespaces' },
    });
  });

  it('names itself in a label', async () => {
    const { body } = await client.get(ns);

    expect(body.metadata['labels']).toEqual({ 'kubernetes.io/metadata.name': 'pods' });
  });
});

describe('a pod', () => {
  it('needs its service account', async () => {
    const { body } = await client.post(`${ns}/pods`, pod('lonely', { serviceAccountName: 'nobody' }));

    expect(body).toMatchObject({
      code: 403,
      message:
        'pods "lonely" is forbidden: error looking up service account pods/nobody: serviceaccount "nobody" not found',
    });
  });

  it('gets the defaults of Kubernetes', async () => {
    const { body } = await client.post(`${ns}/pods`, pod('plain', { automountServiceAccountToken: false }));

    expect(body['spec']).toEqual({
      automountServiceAccountToken: false,
      containers: [
        {
          name: 'a',
          image: 'b',
          resources: {},
          terminationMessagePath: '/dev/termination-log',
          terminationMessagePolicy: 'File',
          imagePullPolicy: 'Always',
        },
      ],
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
      serviceAccountName: 'default',
      serviceAccount: 'default',
      securityContext: {},
      schedulerName: 'default-scheduler',
      tolerations: ['not-ready', 'unreachable'].map((trouble) => ({
        key: `node.kubernetes.io/${trouble}`,
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds: 300,
      })),
      priority: 0,
      enableServiceLinks: true,
      preemptionPolicy: 'PreemptLowerPriority',
    });
    expect(body['status']).toEqual({ phase: 'Pending', qosClass: 'BestEffort' });
  });

  it('is bound once', async () => {
    await client.post(`${ns}/pods`, pod('bound'));
    const target = { metadata: { name: 'bound' }, target: { kind: 'Node', name: 'n1' } };

    const first = await client.post(`${ns}/pods/bound/binding`, target);
    const second = await client.post(`${ns}/pods/bound/binding`, target);

    expect(first.status).toBe(201);
    expect(second.body).toMatchObject({ code: 409, reason: 'Conflict' });
    expect((await client.get(`${ns}/pods?fieldSelector=spec.nodeName%3Dn1`)).body.items).toHaveLength(1);
  });

  it('keeps its spec, its images excepted', async () => {
    await client.post(`${ns}/pods`, pod('kept'));

    const image = await client.patch('strategic', `${ns}/pods/kept`, {
      spec: { containers: [{ name: 'a', image: 'c' }] },
    });
    const policy = await client.patch('merge', `${ns}/pods/kept`, { spec: { restartPolicy: 'Never' } });

    expect(image.body.metadata['generation']).toBe(2);
    expect(policy.body).toMatchObject({
      code: 422,
      details: { causes: [{ field: 'spec', reason: 'FieldValueForbidden' }] },
    });
  });

  it('on a node goes in two steps, and only sooner when asked again', async () => {
    const path = `${ns}/pods/graceful`;
    await client.post(`${ns}/pods`, pod('graceful', { nodeName: 'n1' }));

    const first = await client.delete(path);
    const sooner = await client.delete(path, { gracePeriodSeconds: 5 });
    const later = await client.delete(path, { gracePeriodSeconds: 60 });
    const now = await client.delete(path, { gracePeriodSeconds: 0 });

    expect(first.body.metadata['deletionGracePeriodSeconds']).toBe(30);
    expect(sooner.body.metadata['deletionGracePeriodSeconds']).toBe(5);
    expect(later.body.metadata['deletionGracePeriodSeconds']).toBe(5);
    expect(now.body.metadata['deletionGracePeriodSeconds']).toBe(0);
    expect((await client.get(path)).status).toBe(404);
  });

  it('without a node goes at once', async () => {
    await client.post(`${ns}/pods`, pod('unbound'));

    const { body } = await client.delete(`${ns}/pods/unbound`);

    expect(body).toMatchObject({ kind: 'Pod', metadata: { name: 'unbound' } });
    expect((await client.get(`${ns}/pods/unbound`)).status).toBe(404);
  });

  it('lets its status be written by its own path alone', async () => {
    await client.post(`${ns}/pods`, pod('stated'));

    await client.patch('merge', `${ns}/pods/stated`, { status: { phase: 'Failed' } });
    const { body } = await client.patch('merge', `${ns}/pods/stated/status`, {
      status: { phase: 'Running' },
      spec: { nodeName: 'elsewhere' },
    });

    expect(body['status']).toMatchObject({ phase: 'Running' });
    expect(body['spec']).not.toHaveProperty('nodeName');
  });

  it.each([
    ['no container', { containers: [] }, 'spec.containers: Required value'],
    ['no image', { containers: [{ name: 'a' }] }, 'spec.containers[0].image: Required value'],
    [
      'more requested than allowed',
      {
        containers: [{ name: 'a', image: 'b', resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } }],
      },
      'spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
    ],
    [
      'a mount without volume',
      { containers: [{ name: 'a', image: 'b', volumeMounts: [{ name: 'v', mountPath: '/v' }] }] },
      'spec.containers[0].volumeMounts[0].name: Not found: "v"',
    ],
  ])('is refused with %s', async (_name, spec, message) => {
    const { body } = await client.post(`${ns}/pods`, { metadata: { name: 'wrong' }, spec });

    expect(body).toMatchObject({ code: 422, message: `Pod "wrong" is invalid: ${message}` });
  });
});

describe('a quota', () => {
  it('refuses what exceeds it, what names no limits, and counts again when something goes', async () => {
    const path = await client.namespace('limited');
    const hard = { 'limits.cpu': '2', 'limits.memory': '1Gi', 'count/configmaps': '1' };
    await client.post(`${path}/resourcequotas`, { metadata: { name: 'q' }, spec: { hard } });
    const limits = { cpu: '1.5', memory: '512Mi' };

    const silent = await client.post(`${path}/pods`, pod('silent'));
    await client.post(`${path}/pods`, pod('fits', {}, limits));
    const excess = await client.post(`${path}/pods`, pod('excess', {}, limits));
    const used = await client.get(`${path}/resourcequotas/q`);
    await client.post(`${path}/configmaps`, { metadata: { name: 'one' } });
    const second = await client.post(`${path}/configmaps`, { metadata: { name: 'two' } });

    expect(silent.body).toMatchObject({
      code: 403,
      message:
        'pods "silent" is forbidden: failed quota: q: must specify limits.cpu for: a; limits.memory for: a',
    });
    expect(excess.body).toMatchObject({
      code: 403,
      message:
        'pods "excess" is forbidden: exceeded quota: q, requested: limits.cpu=1500m, used: limits.cpu=1500m, limited: limits.cpu=2',
    });
    expect(used.body['status']).toMatchObject({ used: { 'limits.cpu': '1500m', 'limits.memory': '512Mi' } });
    expect(second.status).toBe(403);

    await client.delete(`${path}/pods/fits`);

    expect((await client.get(`${path}/resourcequotas/q`)).body['status']).toMatchObject({
      used: { 'limits.cpu': '0' },
    });
  });
});
