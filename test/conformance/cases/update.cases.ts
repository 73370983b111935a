import { group } from '../case.js';
import { asking, pathOf } from '../paths.js';
import { aLease, aMap, aPod, aSecret, aWidget } from '../objects.js';
import { textAt, type Fields } from '../json.js';

const version = (object: Fields): string => textAt(object, 'metadata', 'resourceVersion');

export const update = group('update', {
  'a replace with the version read is taken, with an older one 409 Conflict': async (t) => {
    const maps = pathOf(await t.namespace(), 'configmaps');
    const first = await t.make(maps, aMap('a'));
    await t.put(`${maps}/a`, aMap('a', { n: '2' }, { resourceVersion: version(first) }));
    await t.put(`${maps}/a`, aMap('a', { n: '3' }, { resourceVersion: version(first) }));
    await t.get(`${maps}/a`);
  },
  'a replace without a version overwrites': async (t) => {
    const maps = pathOf(await t.namespace(), 'configmaps');
    await t.make(maps, aMap('a'));
    await t.put(`${maps}/a`, aMap('a', { n: '2' }));
  },
  'a custom resource is not replaced without a version': async (t) => {
    const widgets = pathOf(await t.namespace(), 'widgets');
    await t.make(widgets, aWidget('a'));
    await t.put(`${widgets}/a`, aWidget('a', { size: 'large' }));
  },
  'a replace that changes nothing keeps the version': async (t) => {
    const maps = pathOf(await t.namespace(), 'configmaps');
    await t.post(maps, aMap('a'));
    await t.put(`${maps}/a`, aMap('a'));
  },
  'a replace of what is absent is 404, of a lease a create': async (t) => {
    const home = await t.namespace();
    await t.put(`${pathOf(home, 'configmaps')}/ghost`, aMap('ghost'));
    await t.put(`${pathOf(home, 'widgets')}/ghost`, aWidget('ghost'));
    await t.put(`${pathOf(home, 'leases')}/new`, aLease('new'));
  },
  'a replace of another life is 409': async (t) => {
    const maps = pathOf(await t.namespace(), 'configmaps');
    await t.make(maps, aMap('a'));
    await t.put(`${maps}/a`, aMap('a', { n: '2' }, { uid: '00000000-0000-4000-8000-000000000003' }));
  },
  'the name in body and path must be one': async (t) => {
    const maps = pathOf(await t.namespace(), 'configmaps');
    await t.make(maps, aMap('a'));
    await t.put(`${maps}/a`, aMap('b'));
  },
  'a dry run of a replace changes nothing': async (t) => {
    const maps = pathOf(await t.namespace(), 'configmaps');
    await t.make(maps, aMap('a'));
    await t.put(asking(`${maps}/a`, { dryRun: 'All' }), aMap('a', { n: '2' }));
    await t.get(`${maps}/a`);
  },
  'immutable ConfigMaps and Secrets stay as they are': async (t) => {
    const home = await t.namespace();
    const [maps, secrets] = [pathOf(home, 'configmaps'), pathOf(home, 'secrets')];
    await t.make(maps, { ...aMap('a'), immutable: true });
    await t.make(secrets, { ...aSecret('a'), immutable: true });
    await t.put(`${maps}/a`, { ...aMap('a', { n: '2' }), immutable: true });
    await t.put(`${maps}/a`, aMap('a'));
    await t.put(`${maps}/a`, { ...aMap('a', { n: '1' }, { labels: { a: 'b' } }), immutable: true });
    await t.put(`${secrets}/a`, { metadata: { name: 'a' }, data: { n: 'Mg==' }, immutable: true });
  },
  'the type of a Secret does not change': async (t) => {
    const secrets = pathOf(await t.namespace(), 'secrets');
    await t.make(secrets, aSecret('a'));
    await t.put(`${secrets}/a`, { ...aSecret('a'), type: 'example.org/other' });
  },
  'the address of a Service does not change': async (t) => {
    const services = pathOf(await t.namespace(), 'services');
    const made = await t.make(services, { metadata: { name: 'a' }, spec: { ports: [{ port: 80 }] } });
    t.hide(textAt(made, 'spec', 'clusterIP'), '<address>');
    const spec = { ports: [{ port: 80 }], clusterIP: '10.96.200.200', clusterIPs: ['10.96.200.200'] };
    await t.patch('merge', `${services}/a`, { spec });
  },
  'the containers of a pod do not change, their images and its labels do': async (t) => {
    const pods = pathOf(await t.namespace(), 'pods');
    await t.make(pods, aPod('a'));
    const part = (body: unknown): unknown => textAt(body, 'reason');
    const headers = { 'content-type': 'application/json-patch+json' };
    const replace = (path: string, value: unknown): string => JSON.stringify([{ op: 'add', path, value }]);
    await t.askFor(part, 'PATCH', `${pods}/a`, { headers, body: replace('/spec/hostNetwork', true) });
    await t.askFor(part, 'PATCH', `${pods}/a`, {
      headers,
      body: replace('/spec/containers/0/env', [{ name: 'A' }]),
    });
    await t.patch('json', `${pods}/a`, [
      { op: 'replace', path: '/spec/containers/0/image', value: 'other:2' },
    ]);
    await t.patch('json', `${pods}/a`, [{ op: 'add', path: '/metadata/labels', value: { a: 'b' } }]);
  },
  'the template of a Job does not change': async (t) => {
    const jobs = pathOf(await t.namespace(), 'jobs');
    const template = {
      spec: { restartPolicy: 'Never', schedulerName: 'nobody', containers: [{ name: 'a', image: 'a' }] },
    };
    await t.make(jobs, { metadata: { name: 'a' }, spec: { suspend: true, backoffLimit: 0, template } });
    const change = [{ op: 'replace', path: '/spec/template/spec/restartPolicy', value: 'OnFailure' }];
    const headers = { 'content-type': 'application/json-patch+json' };
    await t.askFor((body) => textAt(body, 'reason'), 'PATCH', `${jobs}/a`, { headers, body: change });
  },
});
