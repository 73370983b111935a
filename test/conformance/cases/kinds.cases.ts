import { group } from '../case.js';
import { pathOf } from '../paths.js';
import { aLease } from '../objects.js';
import { at, textAt } from '../json.js';

const HEADLESS = { clusterIP: 'None' };
const template = {
  spec: { restartPolicy: 'Never', schedulerName: 'nobody', containers: [{ name: 'a', image: 'a:1' }] },
};

export const kinds = group('kinds', {
  'a Service gets its defaults and an address': async (t) => {
    const services = pathOf(await t.namespace(), 'services');
    const spec = { selector: { app: 'lab' }, ports: [{ port: 8888 }] };
    await t.post(services, { metadata: { name: 'a' }, spec });
    await t.post(services, {
      metadata: { name: 'b' },
      spec: { ...HEADLESS, ports: [{ name: 'x', port: 1, targetPort: 'http' }] },
    });
    await t.post(services, { metadata: { name: 'c' }, spec: {} });
    await t.post(services, { metadata: { name: 'd' }, spec: { ports: [{ port: 0 }] } });
    await t.post(services, { metadata: { name: 'e' }, spec: { ports: [{ port: 1 }, { port: 2 }] } });
  },
  'a Secret takes plain text and keeps it encoded': async (t) => {
    const secrets = pathOf(await t.namespace(), 'secrets');
    await t.post(secrets, { metadata: { name: 'a' }, stringData: { token: 'über' }, data: { b: 'MQ==' } });
    await t.post(secrets, { metadata: { name: 'b' }, data: { 'bad key': 'MQ==' } });
    await t.post(secrets, { metadata: { name: 'c' }, data: { k: '***' } });
    await t.post(secrets, { metadata: { name: 'd' }, type: 'kubernetes.io/dockerconfigjson', data: {} });
  },
  'a ServiceAccount': async (t) => {
    await t.post(pathOf(await t.namespace(), 'serviceaccounts'), {
      metadata: { name: 'a' },
      imagePullSecrets: [{ name: 'pull' }],
      automountServiceAccountToken: false,
    });
  },
  'a claim': async (t) => {
    const claims = pathOf(await t.namespace(), 'persistentvolumeclaims');
    const resources = { requests: { storage: '1024Mi' } };
    const shown = (body: unknown): unknown =>
      at(body, 'kind') === 'Status' ? body : [at(body, 'spec'), at(body, 'status')];
    const spec = { storageClassName: 'none', accessModes: ['ReadWriteMany'], resources };
    await t.askFor(shown, 'POST', claims, { body: { metadata: { name: 'a' }, spec } });
    await t.post(claims, { metadata: { name: 'b' }, spec: { ...spec, accessModes: [] } });
    await t.post(claims, { metadata: { name: 'c' }, spec: { ...spec, resources: {} } });
    await t.askFor((body) => textAt(body, 'reason'), 'PATCH', `${claims}/a`, {
      headers: { 'content-type': 'application/merge-patch+json' },
      body: { spec: { accessModes: ['ReadWriteOnce'] } },
    });
  },
  'a NetworkPolicy gets its types': async (t) => {
    const policies = pathOf(await t.namespace(), 'networkpolicies');
    const peer = { namespaceSelector: { matchLabels: { a: 'b' } }, podSelector: { matchLabels: { c: 'd' } } };
    await t.post(policies, {
      metadata: { name: 'a' },
      spec: { podSelector: {}, ingress: [{ from: [peer], ports: [{ port: 8888 }] }] },
    });
    await t.post(policies, {
      metadata: { name: 'b' },
      spec: {
        podSelector: {},
        policyTypes: ['Egress'],
        egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } }] }],
      },
    });
    await t.post(policies, { metadata: { name: 'c' }, spec: { podSelector: {}, policyTypes: ['Sideways'] } });
  },
  'an Ingress': async (t) => {
    const ingresses = pathOf(await t.namespace(), 'ingresses');
    const backend = { service: { name: 'a', port: { number: 80 } } };
    const rule = (path: object): object => ({ host: 'a.example.org', http: { paths: [path] } });
    await t.post(ingresses, {
      metadata: { name: 'a' },
      spec: { rules: [rule({ path: '/', pathType: 'Prefix', backend })] },
    });
    await t.post(ingresses, { metadata: { name: 'b' }, spec: {} });
    await t.post(ingresses, { metadata: { name: 'c' }, spec: { rules: [rule({ path: '/', backend })] } });
  },
  'a Job gets its defaults': async (t) => {
    const jobs = pathOf(await t.namespace(), 'jobs');
    const clean = (body: unknown): unknown =>
      at(body, 'kind') === 'Status'
        ? body
        : [at(body, 'spec'), at(body, 'metadata', 'labels'), at(body, 'metadata', 'generation')];
    await t.askFor(clean, 'POST', jobs, {
      body: { metadata: { name: 'a' }, spec: { suspend: true, template } },
    });
    await t.askFor(clean, 'POST', jobs, {
      body: {
        metadata: { name: 'b' },
        spec: { suspend: true, template: { spec: { ...template.spec, restartPolicy: 'Always' } } },
      },
    });
  },
  'a Deployment without a selector is 422': async (t) => {
    const deployments = pathOf(await t.namespace(), 'deployments');
    await t.askFor((body) => [at(body, 'code'), at(body, 'reason')], 'POST', deployments, {
      body: { metadata: { name: 'a' }, spec: { replicas: 0, template } },
    });
  },
  'an Event is stored as it is told, in its namespace only': async (t) => {
    const home = await t.namespace();
    const event = {
      metadata: { generateName: 'told-' },
      involvedObject: {
        kind: 'Pod',
        namespace: home,
        name: 'a',
        uid: '00000000-0000-4000-8000-000000000006',
      },
      reason: 'Told',
      message: 'something',
      type: 'Normal',
      source: { component: 'berth' },
      firstTimestamp: '2020-01-01T00:00:00Z',
      lastTimestamp: '2020-01-01T00:00:01Z',
      count: 2,
    };
    const whole = (body: unknown): unknown =>
      at(body, 'kind') === 'Status' ? body : { ...(body as object), metadata: undefined };
    await t.askFor(whole, 'POST', pathOf(home, 'events'), { body: event });
    await t.post(pathOf(home, 'events'), {
      ...event,
      metadata: { name: 'elsewhere' },
      involvedObject: { ...event.involvedObject, namespace: 'default' },
    });
    const chosen = `${pathOf(home, 'events')}?fieldSelector=${encodeURIComponent('involvedObject.kind=Pod,involvedObject.name=a,reason=Told,type=Normal')}`;
    await t.askFor((body) => (at(body, 'items') as unknown[]).length, 'GET', chosen);
  },
});

export const leases = group('leases', {
  'a lease keeps its times to the microsecond': async (t) => {
    const list = pathOf(await t.namespace(), 'leases');
    await t.post(
      list,
      aLease('a', { acquireTime: '2020-01-01T00:00:00.123456Z', renewTime: '2020-01-01T00:00:00.000000Z' }),
    );
    await t.post(list, aLease('b', { renewTime: '2020-01-01T00:00:00Z', leaseTransitions: 0 }));
  },
  'a lease is checked': async (t) => {
    const list = pathOf(await t.namespace(), 'leases');
    await t.post(list, aLease('a', { leaseDurationSeconds: 0 }));
    await t.post(list, aLease('b', { leaseTransitions: -1 }));
    await t.post(list, aLease('c', { holderIdentity: '' }));
    await t.post(list, aLease('d', { renewTime: 'noon' }));
  },
  'a lease is taken over by one of two': async (t) => {
    const list = pathOf(await t.namespace(), 'leases');
    const made = await t.make(list, aLease('a'));
    const take = (holder: string): readonly object[] => [
      { op: 'test', path: '/metadata/resourceVersion', value: textAt(made, 'metadata', 'resourceVersion') },
      { op: 'test', path: '/spec/holderIdentity', value: 'one' },
      { op: 'replace', path: '/spec/holderIdentity', value: holder },
    ];
    await t.patch('json', `${list}/a`, take('two'));
    await t.askFor((body) => textAt(body, 'reason'), 'PATCH', `${list}/a`, {
      headers: { 'content-type': 'application/json-patch+json' },
      body: take('three'),
    });
    await t.get(`${list}/a`);
  },
  'a lease read before is not replaced after': async (t) => {
    const list = pathOf(await t.namespace(), 'leases');
    const made = await t.make(list, aLease('a'));
    const resourceVersion = textAt(made, 'metadata', 'resourceVersion');
    const renewed = (holderIdentity: string): object => ({
      ...aLease('a', { holderIdentity }),
      metadata: { name: 'a', resourceVersion },
    });
    await t.put(`${list}/a`, renewed('two'));
    await t.put(`${list}/a`, renewed('three'));
  },
});
