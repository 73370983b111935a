import { group } from '../case.js';
import { asking, pathOf } from '../paths.js';
import { aLease, aMap, aPod, aSecret, aWidget, HOLD } from '../objects.js';
import { at, listAt, textAt } from '../json.js';
import type { Trial } from '../trial.js';

const names = (body: unknown): unknown =>
  listAt(body, 'items').map((each) => textAt(each, 'metadata', 'name'));

async function aBoundPod(t: Trial, spec: object = {}): Promise<string> {
  const pods = pathOf(await t.namespace(), 'pods');
  await t.make(pods, aPod('a', { nodeName: 'conformance-node', ...spec }));
  return `${pods}/a`;
}
const going = (body: unknown): unknown => ({
  kind: at(body, 'kind'),
  grace: at(body, 'metadata', 'deletionGracePeriodSeconds'),
  deleted: at(body, 'metadata', 'deletionTimestamp'),
  generation: at(body, 'metadata', 'generation'),
  finalizers: at(body, 'metadata', 'finalizers'),
});

export const deletion = group('delete', {
  'a delete answers Success with the uid, then 404': async (t) => {
    const home = await t.namespace();
    await t.make(pathOf(home, 'configmaps'), aMap('a'));
    await t.make(pathOf(home, 'widgets'), aWidget('a'));
    await t.make(pathOf(home, 'leases'), aLease('a'));
    for (const plural of ['configmaps', 'widgets', 'leases']) {
      await t.delete(`${pathOf(home, plural)}/a`);
      await t.delete(`${pathOf(home, plural)}/a`);
      await t.get(`${pathOf(home, plural)}/a`);
    }
  },
  'a delete of some kinds answers the object': async (t) => {
    const home = await t.namespace();
    await t.make(pathOf(home, 'serviceaccounts'), { metadata: { name: 'a' } });
    await t.delete(`${pathOf(home, 'serviceaccounts')}/a`);
    await t.make(pathOf(home, 'resourcequotas'), { metadata: { name: 'a' } });
    await t.askFor((body) => at(body, 'kind'), 'DELETE', `${pathOf(home, 'resourcequotas')}/a`);
    await t.make(pathOf(home, 'services'), { metadata: { name: 'a' }, spec: { clusterIP: 'None' } });
    await t.delete(`${pathOf(home, 'services')}/a`);
  },
  'a delete with the uid of another life is 409 and deletes nothing': async (t) => {
    const path = `${pathOf(await t.namespace(), 'configmaps')}/a`;
    await t.make(path.slice(0, -2), aMap('a'));
    await t.delete(path, { preconditions: { uid: '00000000-0000-4000-8000-000000000005' } });
    await t.get(path);
  },
  'a delete with an older version is 409, with the uid and version read it is done': async (t) => {
    const maps = pathOf(await t.namespace(), 'configmaps');
    const made = await t.make(maps, aMap('a'));
    const uid = textAt(made, 'metadata', 'uid');
    const resourceVersion = textAt(made, 'metadata', 'resourceVersion');
    await t.must('PUT', `${maps}/a`, aMap('a', { n: '2' }));
    t.note(
      'stale',
      (
        await t.askFor((body) => at(body, 'reason'), 'DELETE', `${maps}/a`, {
          body: { preconditions: { resourceVersion } },
        })
      ).status,
    );
    await t.delete(`${maps}/a`, { preconditions: { uid } });
  },
  'a finalizer holds the object back, and its removal lets it go': async (t) => {
    const maps = pathOf(await t.namespace(), 'configmaps');
    await t.make(maps, aMap('a', { n: '1' }, { finalizers: [HOLD] }));
    await t.delete(`${maps}/a`);
    await t.delete(`${maps}/a`);
    await t.get(`${maps}/a`);
    await t.patch('json', `${maps}/a`, [{ op: 'remove', path: '/metadata/finalizers' }]);
    await t.get(`${maps}/a`);
  },
  'what is being deleted can be changed, but gets no new finalizer and no new life': async (t) => {
    const widgets = pathOf(await t.namespace(), 'widgets');
    await t.make(widgets, { ...aWidget('a'), metadata: { name: 'a', finalizers: [HOLD] } });
    await t.delete(`${widgets}/a`);
    await t.patch('merge', `${widgets}/a`, { spec: { title: 'abc' } });
    await t.askFor((body) => textAt(body, 'reason'), 'PATCH', `${widgets}/a`, {
      headers: { 'content-type': 'application/merge-patch+json' },
      body: { metadata: { finalizers: [HOLD, 'test.berth.dev/late'] } },
    });
    await t.patch('merge', `${widgets}/a`, { metadata: { deletionTimestamp: null } });
    await t.post(widgets, aWidget('a'));
    await t.patch('merge', `${widgets}/a`, { metadata: { finalizers: [] } });
    await t.post(widgets, aWidget('a'));
  },
  'a dry run deletes nothing': async (t) => {
    const maps = pathOf(await t.namespace(), 'configmaps');
    await t.make(maps, aMap('a'));
    await t.delete(asking(`${maps}/a`, { dryRun: 'All' }));
    await t.delete(`${maps}/a`, { dryRun: ['All'] });
    await t.get(`${maps}/a`);
  },
  'a collection is deleted by its selector': async (t) => {
    const secrets = pathOf(await t.namespace(), 'secrets');
    for (const [name, operation] of [
      ['a', 'old'],
      ['b', 'new'],
      ['c', 'old'],
    ] as const)
      await t.make(secrets, aSecret(name, { labels: { operation } }));
    await t.make(secrets, aSecret('stranger'));
    await t.delete(asking(secrets, { labelSelector: 'operation,operation!=new' }));
    await t.askFor(names, 'GET', secrets);
  },
  'a collection without matches is deleted with 200': async (t) => {
    await t.delete(asking(pathOf(await t.namespace(), 'secrets'), { labelSelector: 'no=match' }));
  },
  'a propagation policy becomes a finalizer': async (t) => {
    const widgets = pathOf(await t.namespace(), 'widgets');
    for (const propagationPolicy of ['Foreground', 'Orphan', 'Background']) {
      const name = propagationPolicy.toLowerCase();
      await t.make(widgets, { ...aWidget(name), metadata: { name, finalizers: [HOLD] } });
      await t.askFor(going, 'DELETE', `${widgets}/${name}`, { body: { propagationPolicy } });
      await t.must(
        'PATCH',
        `${widgets}/${name}`,
        { metadata: { finalizers: null } },
        { 'content-type': 'application/merge-patch+json' },
      );
    }
  },
  'an unknown propagation policy is 422, a negative grace too': async (t) => {
    const maps = pathOf(await t.namespace(), 'configmaps');
    await t.make(maps, aMap('a'));
    await t.delete(`${maps}/a`, { propagationPolicy: 'Sideways' });
    await t.askFor((body) => at(body, 'kind'), 'DELETE', `${maps}/a`, { body: { gracePeriodSeconds: -5 } });
  },
  'a pod without a node goes at once': async (t) => {
    const pods = pathOf(await t.namespace(), 'pods');
    await t.make(pods, aPod('a'));
    await t.askFor(going, 'DELETE', `${pods}/a`);
    await t.get(`${pods}/a`);
  },
  'a pod on a node gets its grace, which can be shortened and not prolonged': async (t) => {
    const path = await aBoundPod(t);
    await t.askFor(going, 'DELETE', path);
    await t.askFor(going, 'DELETE', path, { body: { gracePeriodSeconds: 5 } });
    await t.askFor(going, 'DELETE', path, { body: { gracePeriodSeconds: 60 } });
    await t.askFor(going, 'GET', path);
    await t.askFor(going, 'DELETE', path, { body: { gracePeriodSeconds: 0 } });
    await t.get(path);
  },
  'a pod has the grace that its spec names': async (t) => {
    const path = await aBoundPod(t, { terminationGracePeriodSeconds: 7 });
    await t.askFor(going, 'DELETE', path);
    await t.askFor(going, 'DELETE', asking(path, { gracePeriodSeconds: 0 }));
    await t.get(path);
  },
  'a pod that has ended goes at once': async (t) => {
    const path = await aBoundPod(t);
    await t.must(
      'PATCH',
      `${path}/status`,
      { status: { phase: 'Succeeded' } },
      { 'content-type': 'application/merge-patch+json' },
    );
    await t.askFor(going, 'DELETE', path);
    await t.get(path);
  },
  'a job deleted without a policy leaves a warning': async (t) => {
    const jobs = pathOf(await t.namespace(), 'jobs');
    const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: 'a' }] } };
    await t.make(jobs, { metadata: { name: 'a' }, spec: { suspend: true, template } });
    await t.make(jobs, { metadata: { name: 'b' }, spec: { suspend: true, template } });
    await t.askFor((body) => at(body, 'metadata', 'finalizers'), 'DELETE', `${jobs}/a`);
    await t.askFor(
      (body) => at(body, 'kind'),
      'DELETE',
      asking(`${jobs}/b`, { propagationPolicy: 'Background' }),
    );
  },
});
