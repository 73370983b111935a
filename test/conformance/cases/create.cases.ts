import { group } from '../case.js';
import { asking, pathOf } from '../paths.js';
import { aMap, aSecret } from '../objects.js';
import { at, textAt } from '../json.js';

const status = (body: unknown): unknown => ({ code: at(body, 'code'), reason: at(body, 'reason') });

export const create = group('create', {
  'a create answers 201 with identity, version and time': async (t) => {
    const maps = pathOf(await t.namespace(), 'configmaps');
    await t.post(maps, aMap('first', { n: '1' }, { labels: { a: 'b' }, annotations: { c: 'd' } }));
    await t.get(`${maps}/first`);
  },
  'what a client says of uid, time and generation is not believed': async (t) => {
    const maps = pathOf(await t.namespace(), 'configmaps');
    const claimed = {
      uid: '00000000-0000-4000-8000-000000000001',
      creationTimestamp: '2020-01-01T00:00:00Z',
      deletionTimestamp: '2020-01-01T00:00:00Z',
      generation: 7,
      selfLink: '/mine',
    };
    await t.post(maps, aMap('claims', { n: '1' }, claimed));
  },
  'a create of what is there is 409 AlreadyExists': async (t) => {
    const maps = pathOf(await t.namespace(), 'configmaps');
    await t.post(maps, aMap('twice'));
    await t.post(maps, aMap('twice', { n: '2' }));
    await t.get(`${maps}/twice`);
  },
  'a create with a version is refused': async (t) => {
    const maps = pathOf(await t.namespace(), 'configmaps');
    await t.post(maps, aMap('versioned', {}, { resourceVersion: '12' }));
  },
  'a create with version 0 is taken': async (t) => {
    const maps = pathOf(await t.namespace(), 'configmaps');
    await t.post(maps, aMap('versioned', {}, { resourceVersion: '0' }));
  },
  'a name is made from generateName': async (t) => {
    const secrets = pathOf(await t.namespace(), 'secrets');
    const made = await t.make(secrets, { metadata: { generateName: 'made-' } });
    const name = textAt(made, 'metadata', 'name');
    t.note('form', /^made-[bcdfghjklmnpqrstvwxz2456789]{5}$/.test(name));
    t.hide(name, 'made-<random>');
    await t.get(`${secrets}/${name}`);
  },
  'a long generateName is cut so that the name fits': async (t) => {
    const secrets = pathOf(await t.namespace(), 'secrets');
    const made = await t.make(secrets, { metadata: { generateName: 'g'.repeat(80) } });
    t.note('length', textAt(made, 'metadata', 'name').length);
  },
  'a create without any name is 422': async (t) => {
    await t.post(pathOf(await t.namespace(), 'configmaps'), { data: {} });
  },
  'a name that is no DNS name is 422': async (t) => {
    const home = await t.namespace();
    await t.post(pathOf(home, 'configmaps'), aMap('Not_A_Name'));
    await t.post(pathOf(home, 'services'), { metadata: { name: '1st' }, spec: { ports: [{ port: 80 }] } });
    await t.post('/api/v1/namespaces', { metadata: { name: 'with.dot' } });
  },
  'labels and annotations are checked': async (t) => {
    const maps = pathOf(await t.namespace(), 'configmaps');
    await t.post(maps, aMap('a', {}, { labels: { 'bad key': 'v' } }));
    await t.post(maps, aMap('b', {}, { labels: { key: 'bad value!' } }));
    await t.post(maps, aMap('c', {}, { labels: { key: 'v'.repeat(64) } }));
    await t.post(maps, aMap('d', {}, { annotations: { 'bad key': 'v' } }));
  },
  'owner references are checked': async (t) => {
    const maps = pathOf(await t.namespace(), 'configmaps');
    const owner = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      name: 'o',
      uid: '00000000-0000-4000-8000-000000000002',
    };
    await t.post(maps, aMap('a', {}, { ownerReferences: [{ ...owner, uid: '' }] }));
    await t.post(maps, aMap('b', {}, { ownerReferences: [{ ...owner, name: '' }] }));
  },
  'a finalizer must be qualified': async (t) => {
    const maps = pathOf(await t.namespace(), 'configmaps');
    await t.post(maps, aMap('a', {}, { finalizers: ['unqualified'] }));
  },
  'another namespace in the body is 400': async (t) => {
    const maps = pathOf(await t.namespace(), 'configmaps');
    await t.post(maps, aMap('a', {}, { namespace: 'elsewhere' }));
  },
  'another kind in the body is 400': async (t) => {
    const maps = pathOf(await t.namespace(), 'configmaps');
    await t.post(maps, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' } });
    const body = { apiVersion: 'v2', kind: 'ConfigMap', metadata: { name: 'a' } };
    await t.askFor(status, 'POST', maps, { body });
  },
  'a body that is no JSON is 400': async (t) => {
    const maps = pathOf(await t.namespace(), 'configmaps');
    await t.askFor(status, 'POST', maps, { body: '{"metadata":' });
    await t.askFor(status, 'POST', maps, { body: '[]' });
  },
  'a body of an unknown media type is 415': async (t) => {
    const maps = pathOf(await t.namespace(), 'configmaps');
    await t.post(maps, 'name=a', { 'content-type': 'text/csv' });
  },
  'a body in YAML is understood': async (t) => {
    const maps = pathOf(await t.namespace(), 'configmaps');
    await t.post(maps, 'metadata:\n  name: yaml\ndata:\n  n: "1"\n', { 'content-type': 'application/yaml' });
  },
  'a namespace that is not there is 404': async (t) => {
    await t.post(pathOf(`absent-${t.id}`, 'configmaps'), aMap('a'));
  },
  'an unknown field of a built-in kind vanishes with a warning': async (t) => {
    const maps = pathOf(await t.namespace(), 'configmaps');
    await t.post(maps, { ...aMap('warned'), surprise: 1 });
    await t.post(asking(maps, { fieldValidation: 'Ignore' }), { ...aMap('ignored'), surprise: 1 });
    await t.post(asking(maps, { fieldValidation: 'Strict' }), { ...aMap('strict'), surprise: 1 });
    await t.post(asking(maps, { fieldValidation: 'Perhaps' }), aMap('perhaps'));
  },
  'a field of the wrong type is 400': async (t) => {
    const home = await t.namespace();
    await t.post(pathOf(home, 'configmaps'), { metadata: { name: 'a' }, data: { n: 1 } });
    await t.post(pathOf(home, 'services'), { metadata: { name: 'a' }, spec: { ports: [{ port: 'http' }] } });
    await t.post(pathOf(home, 'configmaps'), { metadata: { name: 'a', labels: { n: 1 } } });
  },
  'a dry run answers like a create and stores nothing': async (t) => {
    const home = await t.namespace();
    const secrets = pathOf(home, 'secrets');
    await t.post(asking(secrets, { dryRun: 'All' }), aSecret('dry'));
    await t.get(`${secrets}/dry`);
    await t.post(asking(secrets, { dryRun: 'All' }), aSecret('Not_A_Name'));
    await t.post(asking(secrets, { dryRun: 'Some' }), aSecret('some'));
    await t.get(secrets);
  },
  'a create is sent to the collection only': async (t) => {
    await t.post(`${pathOf(await t.namespace(), 'configmaps')}/named`, aMap('named'));
  },
  'immutable and data keys of ConfigMaps are checked': async (t) => {
    const maps = pathOf(await t.namespace(), 'configmaps');
    await t.post(maps, { metadata: { name: 'a' }, data: { 'bad key': 'x' } });
    await t.post(maps, { metadata: { name: 'b' }, data: { k: 'x' }, binaryData: { k: 'eA==' } });
    await t.post(maps, { metadata: { name: 'c' }, immutable: true, data: { k: 'x' } });
  },
});
