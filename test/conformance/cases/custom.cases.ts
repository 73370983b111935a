import { group } from '../case.js';
import { asking, pathOf } from '../paths.js';
import { aWidget, HOLD } from '../objects.js';
import { at, listAt, textAt, type Fields } from '../json.js';
import { widgetsDefinition } from '../widgets.js';
import type { Trial } from '../trial.js';

const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const conditionsOf = (body: unknown): readonly unknown[] =>
  listAt(body, 'status', 'conditions').map((each) =>
    [textAt(each, 'type'), textAt(each, 'status'), textAt(each, 'reason'), textAt(each, 'message')].join(' '),
  );

async function aCreated(t: Trial, spec: object = {}): Promise<{ path: string; made: Fields }> {
  const widgets = pathOf(await t.namespace(), 'widgets');
  return { path: `${widgets}/a`, made: await t.make(widgets, aWidget('a', spec)) };
}

/** Each wrong spec is refused alone, so that no order of errors matters. */
const refused =
  (...specs: readonly object[]) =>
  async (t: Trial): Promise<void> => {
    const widgets = pathOf(await t.namespace(), 'widgets');
    for (const spec of specs) await t.post(widgets, aWidget('wrong', spec));
  };

async function define(t: Trial): Promise<{ crd: string; widgets: string; groupName: string }> {
  const groupName = `conf-${t.id}.berth.dev`;
  t.hide(groupName, '<group>');
  const home = await t.namespace();
  await t.must('POST', CRDS, widgetsDefinition(groupName));
  const widgets = `/apis/${groupName}/v1/namespaces/${home}/widgets`;
  const crd = `${CRDS}/widgets.${groupName}`;
  await t.until(crd, ({ body }) =>
    conditionsOf(body).some((each) => String(each).startsWith('Established True')),
  );
  await t.until(widgets, ({ status }) => status === 200);
  return { crd, widgets, groupName };
}
const asOf = (groupName: string, name: string, metadata: object = {}): object => ({
  ...aWidget(name),
  apiVersion: `${groupName}/v1`,
  metadata: { name, ...metadata },
});

export const custom = group('custom', {
  'a valid object gets its defaults and generation 1': async (t) => {
    const widgets = pathOf(await t.namespace(), 'widgets');
    await t.post(widgets, aWidget('a', { inner: { level: 2 }, port: 'http', free: { any: { thing: [1] } } }));
    await t.post(
      widgets,
      aWidget('b', { note: null, count: null, title: null, port: 80, labels: { a: 'b' } }),
    );
  },
  'a value outside its list is 422 with the values there are': refused({ size: 'huge' }),
  'a missing field is 422': refused({ size: undefined }),
  'a number out of bounds is 422': refused({ count: 0 }, { count: 10 }),
  'a text of the wrong length or form is 422': refused(
    { title: 'a' },
    { title: 'a'.repeat(9) },
    { title: 'ABC' },
  ),
  'a value of the wrong type is 422': refused(
    { count: 'three' },
    { isReady: 'yes' },
    { tags: 'x' },
    { tags: [1] },
    { inner: [] },
    { count: 1.5 },
    { title: 7 },
  ),
  'a list or map that is too long is 422': refused(
    { tags: ['a', 'b', 'c'] },
    { labels: { a: '', b: '', c: '' } },
  ),
  'null where null is not allowed counts as absent': refused({ size: null }, { isReady: null, inner: null }),
  'a value of no known form is 422': refused({ when: 'yesterday' }),
  'neither number nor text is 422': refused({ port: true }),
  'a list by key names each key once': refused(
    { entries: [{ number: 1 }, { number: 1 }] },
    { entries: [{ text: 'no number' }] },
  ),
  'a spec must be there and an object': async (t) => {
    const widgets = pathOf(await t.namespace(), 'widgets');
    await t.post(widgets, { ...aWidget('a'), spec: undefined });
    await t.post(widgets, { ...aWidget('a'), spec: 'text' });
  },
  'unknown fields are pruned, with a Warning': async (t) => {
    const widgets = pathOf(await t.namespace(), 'widgets');
    await t.post(
      widgets,
      aWidget('a', { surprise: 1, inner: { hidden: true }, free: { kept: 1 } }, { extra: {} }),
    );
    await t.get(`${widgets}/a`);
    await t.post(asking(widgets, { fieldValidation: 'Ignore' }), aWidget('b', { surprise: 1 }));
    await t.post(asking(widgets, { fieldValidation: 'Strict' }), aWidget('c', { surprise: 1 }));
    await t.get(`${widgets}/c`);
  },
  'a body must say what it is': async (t) => {
    const widgets = pathOf(await t.namespace(), 'widgets');
    await t.post(widgets, { metadata: { name: 'a' }, spec: { size: 'small' } });
    await t.post(widgets, { ...aWidget('a'), kind: 'Gadget' });
  },
  'a status is dropped at the creation and by the main path': async (t) => {
    const widgets = pathOf(await t.namespace(), 'widgets');
    await t.post(widgets, aWidget('a', {}, { status: { phase: 'running' } }));
    await t.patch('merge', `${widgets}/a`, { status: { phase: 'running' } });
    await t.patch('json', `${widgets}/a`, [{ op: 'add', path: '/status', value: { phase: 'running' } }]);
  },
  'the status path writes the status and nothing else': async (t) => {
    const { path } = await aCreated(t);
    await t.patch('merge', `${path}/status`, {
      metadata: { labels: { a: 'b' }, annotations: { c: 'd' }, finalizers: [HOLD] },
      spec: { size: 'large' },
      status: { phase: 'pending', seen: 1 },
    });
    await t.get(`${path}/status`);
    await t.patch('merge', path, { spec: { size: 'large' } });
  },
  'the status is validated and pruned too': async (t) => {
    const { path } = await aCreated(t);
    await t.patch('merge', `${path}/status`, { status: { phase: 'dancing' } });
    await t.patch('merge', `${path}/status`, { status: { phase: 'running', surprise: 1 } });
    await t.patch('json', `${path}/status`, [
      { op: 'test', path: '/status/phase', value: 'pending' },
      { op: 'replace', path: '/status/phase', value: 'running' },
    ]);
  },
  'a replace of the status needs the version read': async (t) => {
    const { path, made } = await aCreated(t);
    const resourceVersion = textAt(made, 'metadata', 'resourceVersion');
    const wanted = {
      ...aWidget('a'),
      metadata: { name: 'a', resourceVersion },
      status: { phase: 'running' },
    };
    await t.put(`${path}/status`, wanted);
    await t.put(`${path}/status`, { ...wanted, status: { phase: 'pending' } });
  },
  'the generation grows with the spec and with a deletion only': async (t) => {
    const { path } = await aCreated(t);
    const generation = (body: unknown): unknown => at(body, 'metadata', 'generation');
    const headers = { 'content-type': 'application/merge-patch+json' };
    const change = (body: object, suffix = ''): Promise<unknown> =>
      t.askFor(generation, 'PATCH', `${path}${suffix}`, { body, headers });
    await change({ metadata: { labels: { a: 'b' }, finalizers: [HOLD] } });
    await change({ spec: { title: 'abc' } });
    await change({ status: { phase: 'running' } }, '/status');
    await change({ spec: { title: 'abc' } });
    await t.askFor(generation, 'DELETE', path);
    await change({ metadata: { finalizers: null } });
  },
  'a subresource or version that is not defined is 404': async (t) => {
    const { path } = await aCreated(t);
    await t.get(`${path}/scale`);
    await t.get(path.replace('/v1/', '/v7/'));
    await t.get(path.replace('/widgets/', '/gadgets/'));
  },
  'a definition is established and served': async (t) => {
    const { crd, widgets, groupName } = await define(t);
    const { body } = await t.until(crd, () => true);
    t.note('conditions', conditionsOf(body));
    t.note('accepted', at(body, 'status', 'acceptedNames'));
    t.note('stored', at(body, 'status', 'storedVersions'));
    await t.post(widgets, asOf(groupName, 'a'));
    const resources = (document: unknown): unknown =>
      listAt(document, 'resources').map((each) => ({ ...(each as object), storageVersionHash: undefined }));
    await t.askFor(resources, 'GET', `/apis/${groupName}/v1`);
    await t.must('DELETE', crd);
  },
  'a definition that goes takes its objects along, and waits for those that are held': async (t) => {
    const { crd, widgets, groupName } = await define(t);
    await t.make(widgets, asOf(groupName, 'free'));
    await t.make(widgets, asOf(groupName, 'held', { finalizers: [HOLD] }));
    await t.askFor((body) => at(body, 'metadata', 'finalizers'), 'DELETE', crd);
    await t.until(`${widgets}/held`, ({ body }) => at(body, 'metadata', 'deletionTimestamp') !== undefined);
    await t.until(`${widgets}/free`, ({ status }) => status === 404);
    const headers = { 'content-type': 'application/merge-patch+json' };
    await t.must('PATCH', `${widgets}/held`, { metadata: { finalizers: null } }, headers);
    await t.until(crd, ({ status }) => status === 404);
    await t.until(widgets, ({ status }) => status === 404);
    await t.get(widgets);
  },
  'a definition with a wrong name or without a schema is 422': async (t) => {
    const definition = widgetsDefinition(`conf-${t.id}.berth.dev`) as { metadata: object };
    await t.askFor((body) => at(body, 'details', 'causes'), 'POST', CRDS, {
      body: { ...definition, metadata: { name: 'other.berth.dev' } },
    });
  },
});
