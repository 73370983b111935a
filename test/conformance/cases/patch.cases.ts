import { group } from '../case.js';
import { asking, pathOf } from '../paths.js';
import { aMap, aPod, aWidget } from '../objects.js';
import { at, textAt } from '../json.js';
import type { Trial } from '../trial.js';

const reason = (body: unknown): unknown => ({ code: at(body, 'code'), reason: at(body, 'reason') });
const MERGE_PATCH = { 'content-type': 'application/merge-patch+json' };
const JSON_PATCH = { 'content-type': 'application/json-patch+json' };

async function aPatched(t: Trial, data: object = { n: '1' }): Promise<string> {
  const maps = pathOf(await t.namespace(), 'configmaps');
  await t.make(maps, aMap('a', data));
  return `${maps}/a`;
}

export const patch = group('patch', {
  'a JSON patch adds, replaces, removes, moves and copies': async (t) => {
    const path = await aPatched(t, { a: '1', b: '2' });
    await t.patch('json', path, [
      { op: 'add', path: '/data/c', value: '3' },
      { op: 'replace', path: '/data/a', value: '9' },
      { op: 'remove', path: '/data/b' },
      { op: 'copy', from: '/data/a', path: '/data/d' },
      { op: 'move', from: '/data/c', path: '/data/e' },
      { op: 'add', path: '/metadata/annotations', value: { 'a/b': 'c' } },
      { op: 'add', path: '/metadata/annotations/d~1e', value: 'f' },
    ]);
  },
  'a test that holds lets the patch through': async (t) => {
    const path = await aPatched(t);
    await t.patch('json', path, [
      { op: 'test', path: '/data/n', value: '1' },
      { op: 'replace', path: '/data/n', value: '2' },
    ]);
  },
  'a test that fails is 422 and changes nothing': async (t) => {
    const path = await aPatched(t);
    await t.patch('json', path, [
      { op: 'test', path: '/data/n', value: '7' },
      { op: 'replace', path: '/data/n', value: '2' },
    ]);
    await t.get(path);
  },
  'a test of what is absent is 422': async (t) => {
    const path = await aPatched(t);
    await t.patch('json', path, [{ op: 'test', path: '/data/m', value: '7' }]);
  },
  'a test against null holds where nothing is': async (t) => {
    const path = await aPatched(t);
    await t.askFor(reason, 'PATCH', path, {
      headers: JSON_PATCH,
      body: [
        { op: 'test', path: '/data/m', value: null },
        { op: 'add', path: '/data/m', value: '1' },
      ],
    });
  },
  'a test of the uid and of the version': async (t) => {
    const widgets = pathOf(await t.namespace(), 'widgets');
    const made = await t.make(widgets, aWidget('a'));
    const uid = textAt(made, 'metadata', 'uid');
    const version = textAt(made, 'metadata', 'resourceVersion');
    const add = { op: 'add', path: '/spec/title', value: 'abc' };
    const tests = [
      { op: 'test', path: '/metadata/uid', value: uid },
      { op: 'test', path: '/metadata/resourceVersion', value: version },
    ];
    await t.patch('json', `${widgets}/a`, [...tests, add]);
    await t.patch('json', `${widgets}/a`, [tests[0] ?? {}, { ...add, value: 'def' }]);
    // The stale version: the message names the number.
    await t.askFor(reason, 'PATCH', `${widgets}/a`, { headers: JSON_PATCH, body: [...tests, add] });
  },
  'a removal of what is absent is 422': async (t) => {
    const path = await aPatched(t);
    await t.patch('json', path, [{ op: 'remove', path: '/data/m' }]);
    await t.patch('json', path, [{ op: 'replace', path: '/data/m', value: 'x' }]);
    await t.patch('json', path, [{ op: 'add', path: '/nowhere/m', value: 'x' }]);
  },
  'list elements are added, replaced and removed by index': async (t) => {
    const widgets = pathOf(await t.namespace(), 'widgets');
    await t.make(widgets, aWidget('a', { tags: ['x'] }));
    await t.patch('json', `${widgets}/a`, [
      { op: 'add', path: '/spec/tags/-', value: 'z' },
      { op: 'replace', path: '/spec/tags/0', value: 'y' },
    ]);
    await t.patch('json', `${widgets}/a`, [{ op: 'remove', path: '/spec/tags/0' }]);
    await t.patch('json', `${widgets}/a`, [{ op: 'remove', path: '/spec/tags/5' }]);
  },
  'an unknown operation is 422': async (t) => {
    const path = await aPatched(t);
    await t.askFor(reason, 'PATCH', path, { headers: JSON_PATCH, body: [{ op: 'twist', path: '/data/n' }] });
  },
  'a patch that can not be read is 400': async (t) => {
    const path = await aPatched(t);
    await t.askFor(reason, 'PATCH', path, { headers: JSON_PATCH, body: '{' });
    await t.askFor(reason, 'PATCH', path, { headers: JSON_PATCH, body: {} });
    await t.askFor(reason, 'PATCH', path, { headers: MERGE_PATCH, body: '[' });
  },
  'a merge patch changes and removes': async (t) => {
    const path = await aPatched(t, { a: '1', b: '2' });
    await t.patch('merge', path, { data: { a: null, c: '3' }, metadata: { labels: { x: 'y' } } });
    await t.patch('merge', path, { metadata: { labels: null } });
  },
  'a merge patch of a list replaces it': async (t) => {
    const widgets = pathOf(await t.namespace(), 'widgets');
    await t.make(widgets, aWidget('a', { tags: ['x', 'y'] }));
    await t.patch('merge', `${widgets}/a`, { spec: { tags: ['z'], title: null } });
  },
  'a strategic patch merges lists by their keys': async (t) => {
    const services = pathOf(await t.namespace(), 'services');
    const ports = [
      { name: 'a', port: 1 },
      { name: 'b', port: 2 },
    ];
    await t.make(services, { metadata: { name: 'a' }, spec: { clusterIP: 'None', ports } });
    await t.patch('strategic', `${services}/a`, {
      spec: {
        ports: [
          { name: 'a2', port: 1 },
          { name: 'c', port: 3 },
        ],
      },
    });
    await t.patch('strategic', `${services}/a`, { spec: { ports: [{ port: 2, $patch: 'delete' }] } });
    await t.patch('strategic', `${services}/a`, {
      spec: { '$setElementOrder/ports': [{ port: 3 }, { port: 1 }] },
    });
  },
  'a strategic patch finds containers by name': async (t) => {
    const pods = pathOf(await t.namespace(), 'pods');
    await t.make(pods, aPod('a'));
    await t.patch('strategic', `${pods}/a`, { spec: { containers: [{ name: 'main', image: 'other:2' }] } });
    await t.patch('strategic', `${pods}/a`, { metadata: { finalizers: ['test.berth.dev/a'] } });
    await t.patch('strategic', `${pods}/a`, { metadata: { finalizers: ['test.berth.dev/b'] } });
    await t.patch('strategic', `${pods}/a`, {
      metadata: { '$deleteFromPrimitiveList/finalizers': ['test.berth.dev/a'] },
    });
    await t.patch('merge', `${pods}/a`, { metadata: { finalizers: null } });
  },
  'a strategic patch of a custom resource is 415': async (t) => {
    const widgets = pathOf(await t.namespace(), 'widgets');
    await t.make(widgets, aWidget('a'));
    await t.patch('strategic', `${widgets}/a`, { spec: { title: 'abc' } });
  },
  'a patch of an unknown type is 415': async (t) => {
    const path = await aPatched(t);
    await t.ask('PATCH', path, { data: {} }, { 'content-type': 'application/json' });
    await t.ask('PATCH', path, { data: {} }, { 'content-type': 'text/plain' });
  },
  'a patch with an older version is 409, with another uid too': async (t) => {
    const path = await aPatched(t);
    await t.patch('merge', path, { metadata: { resourceVersion: '1' }, data: { n: '2' } });
    const body = { metadata: { uid: '00000000-0000-4000-8000-000000000004' }, data: { n: '2' } };
    await t.askFor(reason, 'PATCH', path, { headers: MERGE_PATCH, body });
    await t.get(path);
  },
  'a patch that changes nothing keeps the version': async (t) => {
    const path = await aPatched(t);
    await t.get(path);
    await t.patch('merge', path, { data: { n: '1' } });
    await t.patch('json', path, []);
  },
  'a patch of the name is refused': async (t) => {
    const path = await aPatched(t);
    await t.patch('merge', path, { metadata: { name: 'b' } });
  },
  'a patch of what is absent is 404': async (t) => {
    const maps = pathOf(await t.namespace(), 'configmaps');
    await t.patch('merge', `${maps}/ghost`, { data: {} });
    await t.patch('json', `${maps}/ghost`, [{ op: 'test', path: '/data/n', value: '1' }]);
  },
  'a dry run of a patch changes nothing': async (t) => {
    const path = await aPatched(t);
    await t.patch('merge', asking(path, { dryRun: 'All' }), { data: { n: '2' } });
    await t.get(path);
  },
  'a patch is validated like a replace': async (t) => {
    const home = await t.namespace();
    await t.make(pathOf(home, 'widgets'), aWidget('a'));
    await t.patch('merge', `${pathOf(home, 'widgets')}/a`, { spec: { count: 100 } });
    const body = { metadata: { labels: { 'bad key': 'x' } } };
    await t.askFor(reason, 'PATCH', `${pathOf(home, 'widgets')}/a`, { headers: MERGE_PATCH, body });
  },
  'an unknown field in a patch vanishes with a warning': async (t) => {
    const home = await t.namespace();
    await t.make(pathOf(home, 'widgets'), aWidget('a'));
    await t.make(pathOf(home, 'configmaps'), aMap('a'));
    await t.patch('merge', `${pathOf(home, 'widgets')}/a`, { spec: { surprise: 1, title: 'abc' } });
    await t.patch('merge', `${pathOf(home, 'configmaps')}/a`, { surprise: 1 });
  },
  'a patch of the whole collection is 405': async (t) => {
    await t.patch('merge', pathOf(await t.namespace(), 'configmaps'), { data: {} });
  },
});
