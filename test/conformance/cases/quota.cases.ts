import { setTimeout } from 'node:timers/promises';
import { group } from '../case.js';
import { asking, pathOf } from '../paths.js';
import { aMap, aPod, aSecret } from '../objects.js';
import { at } from '../json.js';
import type { Trial } from '../trial.js';

/** A namespace with one quota, once its usage is counted. */
async function limited(t: Trial, hard: Record<string, string>): Promise<{ home: string; quota: string }> {
  const home = await t.namespace();
  const quotas = pathOf(home, 'resourcequotas');
  await t.make(quotas, { metadata: { name: 'small' }, spec: { hard } });
  await t.until(`${quotas}/small`, ({ body }) => at(body, 'status', 'hard') !== undefined);
  return { home, quota: `${quotas}/small` };
}
const status = (body: unknown): unknown => at(body, 'status');

const sized = (name: string, cpu: string, memory: string): object =>
  aPod(name, {
    containers: [
      { name: 'main', image: 'a', resources: { requests: { cpu, memory }, limits: { cpu, memory } } },
    ],
  });

export const quota = group('quota', {
  'a pod beyond the quota is 403 and says what was asked, used and allowed': async (t) => {
    const { home, quota } = await limited(t, { 'requests.cpu': '1', 'limits.memory': '1Gi', pods: '5' });
    const pods = pathOf(home, 'pods');
    await t.make(pods, sized('a', '600m', '512Mi'));
    await t.askFor(status, 'GET', quota);
    await t.post(pods, sized('b', '600m', '256Mi'));
    await t.post(pods, sized('c', '600m', '600Mi'));
    await t.post(pods, sized('d', '0.4', '512Mi'));
  },
  'a pod must say what it needs': async (t) => {
    const { home } = await limited(t, { 'requests.cpu': '1', 'limits.memory': '1Gi' });
    await t.post(pathOf(home, 'pods'), aPod('silent'));
    const main = { name: 'main', image: 'a', resources: { requests: { cpu: '1m' } } };
    await t.post(pathOf(home, 'pods'), aPod('half', { containers: [main] }));
  },
  'objects are counted by kind': async (t) => {
    const { home } = await limited(t, { secrets: '1', 'count/leases.coordination.k8s.io': '0' });
    await t.make(pathOf(home, 'secrets'), aSecret('a'));
    await t.post(pathOf(home, 'secrets'), aSecret('b'));
    await t.post(pathOf(home, 'leases'), { metadata: { name: 'a' } });
  },
  'claims are counted with their size': async (t) => {
    const { home, quota } = await limited(t, { 'requests.storage': '3Gi', persistentvolumeclaims: '5' });
    const claim = (name: string, storage: string): object => ({
      metadata: { name },
      spec: {
        storageClassName: 'none',
        accessModes: ['ReadWriteOnce'],
        resources: { requests: { storage } },
      },
    });
    await t.make(pathOf(home, 'persistentvolumeclaims'), claim('a', '2Gi'));
    await t.post(pathOf(home, 'persistentvolumeclaims'), claim('b', '2Gi'));
    await t.askFor(status, 'GET', quota);
  },
  'a dry run is refused like a create and uses nothing up': async (t) => {
    const { home, quota } = await limited(t, { secrets: '1' });
    await t.askFor(
      (body) => at(body, 'metadata', 'name'),
      'POST',
      asking(pathOf(home, 'secrets'), { dryRun: 'All' }),
      { body: aSecret('dry') },
    );
    await t.askFor(status, 'GET', quota);
    await t.make(pathOf(home, 'secrets'), aSecret('a'));
    await t.post(asking(pathOf(home, 'secrets'), { dryRun: 'All' }), aSecret('dry'));
  },
  'what is deleted is given back': async (t) => {
    const { home, quota } = await limited(t, { secrets: '9' });
    const secrets = pathOf(home, 'secrets');
    // A real controller that has not yet heard of the use gives nothing back; the next deletion makes it count again.
    const used = async (): Promise<unknown> => at(await t.must('GET', quota), 'status', 'used', 'secrets');
    for (let tries = 0; tries === 0 || (tries < 9 && (await used()) !== '0'); tries++) {
      await t.make(secrets, aSecret('a'));
      await setTimeout(tries * 100);
      await t.must('DELETE', `${secrets}/a`);
      await setTimeout(tries * 100);
    }
    t.note('used', await used());
  },
  'two quotas are both kept': async (t) => {
    const { home } = await limited(t, { secrets: '5' });
    const quotas = pathOf(home, 'resourcequotas');
    await t.make(quotas, { metadata: { name: 'tiny' }, spec: { hard: { secrets: '0' } } });
    await t.until(`${quotas}/tiny`, ({ body }) => at(body, 'status', 'hard') !== undefined);
    await t.untilRefused(pathOf(home, 'secrets'), aSecret('a'));
    await t.post(pathOf(home, 'secrets'), aSecret('a'));
  },
  'a quota itself is stored as it is written, amounts in their shortest form': async (t) => {
    const home = await t.namespace();
    const hard = { cpu: '1500m', 'requests.memory': '2048Mi', pods: '3' };
    await t.askFor((body) => at(body, 'spec'), 'POST', pathOf(home, 'resourcequotas'), {
      body: { metadata: { name: 'a' }, spec: { hard } },
    });
    await t.post(pathOf(home, 'resourcequotas'), { metadata: { name: 'b' }, spec: { hard: { pods: '-1' } } });
    await t.post(pathOf(home, 'resourcequotas'), {
      metadata: { name: 'c' },
      spec: { hard: { nonsense: '1' } },
    });
  },
});

const many = (bytes: number): string => 'x'.repeat(bytes);
const MIB = 1_048_576;
const refusal = (body: unknown): unknown =>
  at(body, 'kind') === 'Status' ? body : { kind: at(body, 'kind') };

export const sizes = group('sizes', {
  'a ConfigMap holds one mebibyte': async (t) => {
    const maps = pathOf(await t.namespace(), 'configmaps');
    await t.askFor(refusal, 'POST', maps, { body: aMap('full', { k: many(MIB - 1) }) });
    await t.askFor(refusal, 'POST', maps, { body: aMap('over', { k: many(MIB + 1) }) });
  },
  'a Secret holds one mebibyte': async (t) => {
    const secrets = pathOf(await t.namespace(), 'secrets');
    const data = { k: Buffer.from(many(MIB + 1)).toString('base64') };
    await t.askFor(refusal, 'POST', secrets, { body: { metadata: { name: 'over' }, data } });
  },
  'annotations hold 256 kibibytes': async (t) => {
    const maps = pathOf(await t.namespace(), 'configmaps');
    await t.askFor(refusal, 'POST', maps, { body: aMap('over', {}, { annotations: { k: many(262_144) } }) });
  },
  'what etcd can not hold is 500 and says that the request is too large': async (t) => {
    const home = await t.namespace();
    const blob = many(1_700_000);
    await t.askFor(refusal, 'POST', pathOf(home, 'widgets'), {
      body: {
        apiVersion: 'conformance.berth.dev/v1',
        kind: 'Widget',
        metadata: { name: 'a' },
        spec: { size: 'small', blob },
      },
    });
  },
  'a body of more than three mebibytes is 413': async (t) => {
    const maps = pathOf(await t.namespace(), 'configmaps');
    await t.askFor(refusal, 'POST', maps, { body: aMap('a', { k: many(3 * MIB) }) });
  },
});
