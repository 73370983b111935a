import { group } from '../case.js';
import { asking, pathOf } from '../paths.js';
import { aMap, aPod, aWidget } from '../objects.js';
import { at, listAt, textAt } from '../json.js';

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
const PARTIAL = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
const PARTIALS = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/** Columns without their long descriptions, and cells without ages. */
const table = (body: unknown): unknown => {
  const columns = listAt(body, 'columnDefinitions');
  const ages = columns.map((each) => ['Age', 'Created At'].includes(textAt(each, 'name')));
  const cells = (row: unknown): unknown =>
    listAt(row, 'cells').map((cell, index) => (ages[index] ? typeof cell : cell));
  return {
    kind: at(body, 'kind'),
    metadata: at(body, 'metadata'),
    columns: columns.map((each) => [
      at(each, 'name'),
      at(each, 'type'),
      at(each, 'format'),
      at(each, 'priority'),
    ]),
    rows: listAt(body, 'rows').map((row) => ({
      cells: cells(row),
      kind: at(row, 'object', 'kind'),
      name: at(row, 'object', 'metadata', 'name'),
    })),
  };
};

export const views = group('views', {
  'a list as table has columns, rows and metadata': async (t) => {
    const home = await t.namespace();
    await t.make(pathOf(home, 'widgets'), aWidget('a'));
    await t.make(pathOf(home, 'pods'), aPod('a'));
    await t.make(pathOf(home, 'services'), {
      metadata: { name: 'a' },
      spec: { clusterIP: 'None', ports: [{ port: 1 }] },
    });
    await t.make(pathOf(home, 'secrets'), { metadata: { name: 'a' }, data: { a: '', b: '' } });
    await t.make(pathOf(home, 'leases'), { metadata: { name: 'a' }, spec: { holderIdentity: 'me' } });
    for (const plural of ['widgets', 'pods', 'services', 'secrets', 'leases'])
      await t.askFor(table, 'GET', pathOf(home, plural), { headers: { accept: TABLE } });
  },
  'one object as table': async (t) => {
    const home = await t.namespace();
    await t.make(pathOf(home, 'configmaps'), aMap('a'));
    await t.askFor(table, 'GET', `${pathOf(home, 'configmaps')}/a`, { headers: { accept: TABLE } });
    await t.askFor(table, 'GET', asking(`${pathOf(home, 'configmaps')}/a`, { includeObject: 'Object' }), {
      headers: { accept: TABLE },
    });
    await t.askFor(
      (body) => listAt(body, 'rows').map((row) => at(row, 'object')),
      'GET',
      asking(`${pathOf(home, 'configmaps')}/a`, { includeObject: 'None' }),
      { headers: { accept: TABLE } },
    );
    await t.get(`${pathOf(home, 'configmaps')}/ghost`, TABLE);
  },
  'a namespace as table': async (t) => {
    const home = await t.namespace();
    await t.askFor(table, 'GET', `/api/v1/namespaces/${home}`, { headers: { accept: TABLE } });
  },
  'metadata alone': async (t) => {
    const widgets = pathOf(await t.namespace(), 'widgets');
    await t.make(widgets, aWidget('a'));
    await t.get(`${widgets}/a`, PARTIAL);
    await t.get(widgets, PARTIALS);
  },
  'a shape that nobody can give is 406': async (t) => {
    const maps = pathOf(await t.namespace(), 'configmaps');
    await t.askFor((body) => [at(body, 'code'), at(body, 'reason')], 'GET', maps, {
      headers: { accept: 'text/csv' },
    });
  },
});

const ACCESS = '/apis/authorization.k8s.io/v1';

export const access = group('access', {
  'somebody asks what they may do': async (t) => {
    const resourceAttributes = { namespace: 'default', verb: 'create', resource: 'pods' };
    const review = (spec: object): object => ({
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec,
    });
    const shown = (body: unknown): unknown => [
      at(body, 'kind'),
      at(body, 'apiVersion'),
      at(body, 'spec'),
      at(body, 'status', 'allowed'),
    ];
    await t.askFor(shown, 'POST', `${ACCESS}/selfsubjectaccessreviews`, {
      body: review({ resourceAttributes }),
    });
    await t.askFor(shown, 'POST', `${ACCESS}/selfsubjectaccessreviews`, {
      body: review({
        resourceAttributes: {
          ...resourceAttributes,
          group: 'berth.dev',
          resource: 'labs',
          subresource: 'status',
          verb: 'patch',
        },
      }),
    });
  },
  'somebody asks for all that they may do': async (t) => {
    const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview' };
    const all = (rule: unknown): boolean =>
      ['verbs', 'apiGroups', 'resources'].every((part) => listAt(rule, part).includes('*'));
    const shown = (body: unknown): unknown => [
      at(body, 'kind'),
      at(body, 'metadata'),
      at(body, 'spec'),
      listAt(body, 'status', 'resourceRules').some(all),
      at(body, 'status', 'incomplete'),
    ];
    // Of a namespace that does not exist it tells what holds in all of them.
    for (const namespace of ['default', 'conf-nowhere'])
      await t.askFor(shown, 'POST', `${ACCESS}/selfsubjectrulesreviews`, {
        body: { ...review, spec: { namespace } },
      });
    await t.askFor(
      (body) => [at(body, 'code'), at(body, 'reason'), at(body, 'message')],
      'POST',
      `${ACCESS}/selfsubjectrulesreviews`,
      { body: { ...review, spec: {} } },
    );
  },
  'a review that asks nothing is 422': async (t) => {
    await t.askFor(
      (body) => [at(body, 'code'), at(body, 'reason'), at(body, 'message')],
      'POST',
      `${ACCESS}/selfsubjectaccessreviews`,
      { body: { spec: {} } },
    );
  },
});

/** The parts of a list of resources that clients read. */
const resources =
  (wanted: readonly string[]) =>
  (body: unknown): unknown =>
    listAt(body, 'resources')
      .filter((each) => wanted.includes(textAt(each, 'name')))
      .map((each) => ({
        name: at(each, 'name'),
        singular: at(each, 'singularName'),
        namespaced: at(each, 'namespaced'),
        kind: at(each, 'kind'),
        short: at(each, 'shortNames'),
        categories: at(each, 'categories'),
        verbs: [...listAt(each, 'verbs')].sort(),
      }))
      .sort((a, b) => String(a.name).localeCompare(String(b.name)));

const CORE = [
  'namespaces',
  'namespaces/status',
  'namespaces/finalize',
  'pods',
  'pods/status',
  'pods/binding',
  'pods/eviction',
  'services',
  'configmaps',
  'secrets',
  'serviceaccounts',
  'events',
  'nodes',
  'persistentvolumeclaims',
  'resourcequotas',
  'resourcequotas/status',
];

export const discovery = group('discovery', {
  'the version': async (t) => {
    await t.askFor(
      (body) => [at(body, 'major'), at(body, 'minor'), at(body, 'gitVersion')],
      'GET',
      '/version',
    );
  },
  health: async (t) => {
    for (const path of ['/healthz', '/livez', '/readyz']) await t.get(path);
  },
  'the resources of the core': async (t) => {
    await t.askFor((body) => at(body, 'versions'), 'GET', '/api');
    await t.askFor(resources(CORE), 'GET', '/api/v1');
  },
  'the resources of other groups': async (t) => {
    for (const path of [
      'coordination.k8s.io/v1',
      'networking.k8s.io/v1',
      'batch/v1',
      'conformance.berth.dev/v1',
    ])
      await t.askFor(
        resources([
          'leases',
          'networkpolicies',
          'ingresses',
          'ingresses/status',
          'jobs',
          'jobs/status',
          'widgets',
          'widgets/status',
        ]),
        'GET',
        `/apis/${path}`,
      );
  },
  'groups and their versions': async (t) => {
    const chosen = [
      'batch',
      'coordination.k8s.io',
      'networking.k8s.io',
      'conformance.berth.dev',
      'apiextensions.k8s.io',
    ];
    await t.askFor(
      (body) =>
        listAt(body, 'groups')
          .filter((each) => chosen.includes(textAt(each, 'name')))
          .map((each) => [at(each, 'name'), at(each, 'preferredVersion')])
          .sort(),
      'GET',
      '/apis',
    );
    await t.get('/apis/conformance.berth.dev');
    await t.get('/apis/ghost.berth.dev');
  },
  'discovery in one document': async (t) => {
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';
    await t.askFor(
      (body) =>
        listAt(body, 'items')
          .filter((each) => textAt(each, 'metadata', 'name') === 'conformance.berth.dev')
          .map((each) => at(each, 'versions')),
      'GET',
      '/apis',
      { headers: { accept } },
    );
  },
  'what is not there': async (t) => {
    const home = await t.namespace();
    for (const path of [
      '/api/v1/gadgets',
      `/api/v1/namespaces/${home}/gadgets`,
      '/apis/batch/v9/jobs',
      '/apis/ghost.berth.dev/v1/ghosts',
      '/apis/conformance.berth.dev/v1/gadgets',
      '/nowhere',
      `/api/v1/namespaces/${home}/configmaps/a/status`,
    ])
      await t.get(path);
  },
  'what is not allowed is 405': async (t) => {
    const home = await t.namespace();
    await t.delete('/api/v1/namespaces');
    await t.put(pathOf(home, 'configmaps'), aMap('a'));
    await t.delete(`${pathOf(home, 'pods')}/a/binding`);
  },
});
