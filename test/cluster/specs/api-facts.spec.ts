import { afterAll, beforeAll, expect, it } from 'vitest';
import { Api, type JsonPatch, type Refusal } from '../support/api.js';
import { freshNamespace } from '../support/namespaces.js';
import { aPod } from '../support/pods.js';
import { describeReal } from '../support/shared-cluster.js';

/** What Berth's design takes for granted of Kubernetes. If one of these fails, the design has to change, not the spec. */
describeReal('the facts that the design relies on', (cluster) => {
  const api = new Api(cluster);
  const stranger = new Api(cluster, 'stranger');
  let namespace = '';
  let maps = '';

  beforeAll(async () => {
    namespace = await freshNamespace(api, 'facts');
    maps = `/api/v1/namespaces/${namespace}/configmaps`;
  });
  afterAll(() => Promise.all([api.close(), stranger.close()]));

  /**
   * @promise nothing is lost
   * @fault an owner reference that leaves its namespace, which the real collector takes for an orphan
   * @outcome none of ours leaves its namespace; across namespaces ownership is told by annotations
   */
  it('the collector deletes an object whose owner lies in another namespace', async () => {
    const elsewhere = await freshNamespace(api, 'facts-owner');
    const owner = await api.make(`/api/v1/namespaces/${elsewhere}/configmaps`, {
      metadata: { name: 'owner' },
    });
    const { name, uid } = owner.metadata;
    const reference = { apiVersion: 'v1', kind: 'ConfigMap', name, uid };

    await api.make(maps, { metadata: { name: 'dependent', ownerReferences: [reference] } });

    await api.eventually(`${maps}/dependent`, ({ status }) => status === 404);
    expect((await api.get(`/api/v1/namespaces/${elsewhere}/configmaps/owner`)).status).toBe(200);
  });

  it('the collector keeps an object whose owner lives beside it, and deletes it after the owner', async () => {
    const { metadata } = await api.make(maps, { metadata: { name: 'near-owner' } });
    const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: metadata.name, uid: metadata.uid };
    await api.make(maps, { metadata: { name: 'near', ownerReferences: [reference] } });

    await api.remove(`${maps}/near-owner`);

    await api.eventually(`${maps}/near`, ({ status }) => status === 404);
  });

  it('a create in a terminating namespace is 403 with the cause NamespaceTerminating', async () => {
    const ending = await freshNamespace(api, 'facts-ending');
    const held = { metadata: { name: 'held', finalizers: ['test.berth.dev/hold'] } };
    await api.make(`/api/v1/namespaces/${ending}/configmaps`, held);
    await api.remove(`/api/v1/namespaces/${ending}`);

    const { status, body } = await api.create<Refusal>(`/api/v1/namespaces/${ending}/configmaps`, {
      metadata: { name: 'late' },
    });

    expect(status).toBe(403);
    expect(body).toMatchObject({
      reason: 'Forbidden',
      details: { causes: [{ reason: 'NamespaceTerminating' }] },
    });
    const again = await api.create<Refusal>('/api/v1/namespaces', { metadata: { name: ending } });
    expect([again.status, again.body.reason]).toEqual([409, 'AlreadyExists']);
    expect(again.body.message).toMatch(/^object is being deleted: /);
    await api.patch(`/api/v1/namespaces/${ending}/configmaps/held`, [
      { op: 'remove', path: '/metadata/finalizers' },
    ]);
  });

  it('a JSON patch whose test holds is applied, and one whose test fails changes nothing', async () => {
    const { metadata } = await api.make(maps, { metadata: { name: 'tested' }, data: { n: '1' } });
    const raise = (uid: string, from: string, to: string): JsonPatch => [
      { op: 'test', path: '/metadata/uid', value: uid },
      { op: 'test', path: '/data/n', value: from },
      { op: 'replace', path: '/data/n', value: to },
    ];

    const held = await api.patch(`${maps}/tested`, raise(metadata.uid, '1', '2'));
    const stale = await api.patch<Refusal>(`${maps}/tested`, raise(metadata.uid, '1', '3'));
    const another = await api.patch<Refusal>(`${maps}/tested`, raise('somebody-else', '2', '3'));

    expect(held.status).toBe(200);
    expect([stale.status, stale.body.reason]).toEqual([422, 'Invalid']);
    expect([another.status, another.body.reason]).toEqual([422, 'Invalid']);
    expect((await api.get(`${maps}/tested`)).body).toMatchObject({ data: { n: '2' } });
  });

  it('a JSON patch with a test of a field that is absent is refused too', async () => {
    await api.make(maps, { metadata: { name: 'absent' } });

    const { status, body } = await api.patch<Refusal>(`${maps}/absent`, [
      { op: 'test', path: '/data/n', value: '1' },
      { op: 'add', path: '/data', value: { n: '2' } },
    ]);

    expect([status, body.reason]).toEqual([422, 'Invalid']);
  });

  it('a pod whose service account is not there is 403 and says so', async () => {
    const pod = aPod('orphan') as { spec: object };

    const { status, body } = await api.create<Refusal>(`/api/v1/namespaces/${namespace}/pods`, {
      ...pod,
      spec: { ...pod.spec, serviceAccountName: 'ghost' },
    });

    expect([status, body.reason]).toEqual([403, 'Forbidden']);
    expect(body.message).toContain(`serviceaccount "ghost" not found`);
  });

  it('a namespace takes a pod at once if its service account is created by hand', async () => {
    const { metadata } = await api.make('/api/v1/namespaces', { metadata: { generateName: 'facts-fast-' } });
    const account = await api.create(`/api/v1/namespaces/${metadata.name}/serviceaccounts`, {
      metadata: { name: 'default' },
    });

    const pod = await api.create(`/api/v1/namespaces/${metadata.name}/pods`, aPod('first'));

    // 409: the controller was faster, which is as good.
    expect([201, 409]).toContain(account.status);
    expect(pod.status).toBe(201);
  });

  /**
   * @promise nothing is lost
   * @fault a deletion is late, and its object was made again meanwhile
   * @outcome the API server refuses it by the UID: the new one stays
   */
  it('a delete with the uid of another life is 409 and deletes nothing', async () => {
    await api.make(maps, { metadata: { name: 'precious' } });
    const uid = '00000000-0000-4000-8000-000000000000';

    const { status, body } = await api.remove<Refusal>(`${maps}/precious`, { preconditions: { uid } });

    expect([status, body.reason]).toEqual([409, 'Conflict']);
    expect(body.message).toMatch(/UID in the precondition/);
    expect((await api.get(`${maps}/precious`)).status).toBe(200);
  });

  it('a create of what is there is 409 AlreadyExists, of what is being deleted too', async () => {
    await api.make(maps, { metadata: { name: 'twice', finalizers: ['test.berth.dev/hold'] } });

    const there = await api.create<Refusal>(maps, { metadata: { name: 'twice' } });
    await api.remove(`${maps}/twice`);
    const going = await api.create<Refusal>(maps, { metadata: { name: 'twice' } });

    expect([there.status, there.body.reason]).toEqual([409, 'AlreadyExists']);
    expect([going.status, going.body.reason]).toEqual([409, 'AlreadyExists']);
    expect(going.body.message).toMatch(/^object is being deleted: /);
  });

  /**
   * @promise nobody gets in
   * @fault Berth may not read Secrets outside its own namespace
   * @outcome it replaces them all the same
   */
  it('a Secret can be replaced by somebody who may not read it', async () => {
    const secrets = `/api/v1/namespaces/${namespace}/secrets`;
    await grant(api, namespace, {
      apiGroups: [''],
      resources: ['secrets'],
      verbs: ['create', 'deletecollection'],
    });
    await api.make(secrets, { metadata: { name: 'ours', labels: { 'berth.dev/operation': 'older' } } });
    await api.make(secrets, { metadata: { name: 'theirs' } });
    const selector = encodeURIComponent('berth.dev/operation,berth.dev/operation!=newer');

    const read = await stranger.get<Refusal>(`${secrets}/ours`);
    const cleared = await stranger.remove(`${secrets}?labelSelector=${selector}`);
    const created = await stranger.create(secrets, { metadata: { name: 'ours' } });

    expect([read.status, read.body.reason]).toEqual([403, 'Forbidden']);
    expect([cleared.status, created.status]).toEqual([200, 201]);
    expect((await api.get(`${secrets}/theirs`)).status).toBe(200);
  });
});

/** Gives the user `stranger` these rights, and no others. */
async function grant(api: Api, namespace: string, rule: object): Promise<void> {
  const path = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
  await api.make(`${path}/roles`, { metadata: { name: 'stranger' }, rules: [rule] });
  await api.make(`${path}/rolebindings`, {
    metadata: { name: 'stranger' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'stranger' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'stranger' }],
  });
}
