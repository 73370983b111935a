import { group, type Group } from '../case.js';
import { pathOf } from '../paths.js';
import { aMap, aWidget, HOLD } from '../objects.js';
import { at, textAt, type Fields } from '../json.js';
import type { Trial } from '../trial.js';

const MERGE = { 'content-type': 'application/merge-patch+json' };

interface Reference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly blockOwnerDeletion?: boolean;
}

const referenceTo = (owner: Fields, apiVersion = 'v1', kind = 'ConfigMap'): Reference => ({
  apiVersion,
  kind,
  name: textAt(owner, 'metadata', 'name'),
  uid: textAt(owner, 'metadata', 'uid'),
});

const ownedBy = (name: string, ...ownerReferences: readonly Reference[]): object =>
  aMap(name, { n: '1' }, { ownerReferences });

const isGone = ({ status }: { status: number }): boolean => status === 404;

/** What an object that the collector has judged meanwhile looks like. */
const owners = (body: unknown): unknown => ({
  code: at(body, 'code'),
  owners: at(body, 'metadata', 'ownerReferences'),
  finalizers: at(body, 'metadata', 'finalizers'),
});

/** Waits until the collector has dealt with an object that it must delete, made after the one it must spare. */
async function untilCollected(t: Trial, maps: string): Promise<void> {
  const uid = '00000000-0000-4000-8000-00000000000f';
  await t.make(maps, ownedBy('canary', { apiVersion: 'v1', kind: 'ConfigMap', name: 'never', uid }));
  await t.until(`${maps}/canary`, isGone);
}

export const owned: Group = {
  ...group('owners', {
    'what an owner in its namespace holds goes with it': async (t) => {
      const maps = pathOf(await t.namespace(), 'configmaps');
      const owner = await t.make(maps, aMap('owner'));
      await t.make(maps, ownedBy('held', referenceTo(owner)));
      await untilCollected(t, maps);
      await t.get(`${maps}/held`);
      await t.delete(`${maps}/owner`);
      await t.until(`${maps}/held`, isGone);
      await t.get(`${maps}/held`);
    },
    'a custom resource owns like any other object': async (t) => {
      const home = await t.namespace();
      const [maps, widgets] = [pathOf(home, 'configmaps'), pathOf(home, 'widgets')];
      const owner = await t.make(widgets, aWidget('owner'));
      await t.make(maps, ownedBy('held', referenceTo(owner, 'conformance.berth.dev/v1', 'Widget')));
      await t.delete(`${widgets}/owner`);
      await t.until(`${maps}/held`, isGone);
      await t.get(`${maps}/held`);
    },
    'what an owner in another namespace claims to hold is collected, the owner stays': async (t) => {
      const [home, other] = [await t.namespace(), await t.namespace('other')];
      const owner = await t.make(pathOf(other, 'configmaps'), aMap('owner'));
      await t.make(pathOf(home, 'configmaps'), ownedBy('held', referenceTo(owner)));
      await t.until(`${pathOf(home, 'configmaps')}/held`, isGone);
      await t.get(`${pathOf(home, 'configmaps')}/held`);
      await t.get(`${pathOf(other, 'configmaps')}/owner`);
    },
    'what an owner of an earlier life holds is collected': async (t) => {
      const maps = pathOf(await t.namespace(), 'configmaps');
      const first = await t.make(maps, aMap('owner'));
      await t.must('DELETE', `${maps}/owner`);
      await t.make(maps, aMap('owner'));
      await t.make(maps, ownedBy('held', referenceTo(first)));
      await t.until(`${maps}/held`, isGone);
      await t.get(`${maps}/held`);
      await t.get(`${maps}/owner`);
    },
    'one living owner of two is enough, the dead one is forgotten': async (t) => {
      const maps = pathOf(await t.namespace(), 'configmaps');
      const [living, dying] = [await t.make(maps, aMap('living')), await t.make(maps, aMap('dying'))];
      await t.make(maps, ownedBy('held', referenceTo(living), referenceTo(dying)));
      await t.must('DELETE', `${maps}/dying`);
      await t.until(`${maps}/held`, ({ body }) => at(body, 'metadata', 'ownerReferences', 1) === undefined);
      await t.askFor(owners, 'GET', `${maps}/held`);
    },
    'an owner that is a namespace holds what lies anywhere': async (t) => {
      const [home, other] = [await t.namespace(), await t.namespace('other')];
      const owner = await t.must('GET', `/api/v1/namespaces/${other}`);
      const maps = pathOf(home, 'configmaps');
      await t.make(maps, ownedBy('held', referenceTo(owner, 'v1', 'Namespace')));
      await untilCollected(t, maps);
      await t.askFor(owners, 'GET', `${maps}/held`);
    },
    'orphans lose their owner and stay': async (t) => {
      const maps = pathOf(await t.namespace(), 'configmaps');
      const owner = await t.make(maps, aMap('owner'));
      await t.make(maps, ownedBy('held', referenceTo(owner)));
      await t.askFor(owners, 'DELETE', `${maps}/owner`, { body: { propagationPolicy: 'Orphan' } });
      await t.until(`${maps}/owner`, isGone);
      await t.askFor(owners, 'GET', `${maps}/held`);
    },
    'in the foreground the owner waits for what blocks it': async (t) => {
      const maps = pathOf(await t.namespace(), 'configmaps');
      const owner = await t.make(maps, aMap('owner'));
      const ownerReferences = [{ ...referenceTo(owner), blockOwnerDeletion: true }];
      await t.make(maps, aMap('held', { n: '1' }, { ownerReferences, finalizers: [HOLD] }));
      await t.askFor(owners, 'DELETE', `${maps}/owner`, { body: { propagationPolicy: 'Foreground' } });
      await t.until(`${maps}/held`, ({ body }) => at(body, 'metadata', 'deletionTimestamp') !== undefined);
      await t.askFor(owners, 'GET', `${maps}/owner`);
      await t.must('PATCH', `${maps}/held`, { metadata: { finalizers: [] } }, MERGE);
      await t.until(`${maps}/owner`, isGone);
      await t.get(`${maps}/owner`);
    },
    'a finalizer holds what is collected': async (t) => {
      const maps = pathOf(await t.namespace(), 'configmaps');
      const owner = await t.make(maps, aMap('owner'));
      const ownerReferences = [referenceTo(owner)];
      await t.make(maps, aMap('held', { n: '1' }, { ownerReferences, finalizers: [HOLD] }));
      await t.must('DELETE', `${maps}/owner`);
      await t.until(`${maps}/held`, ({ body }) => at(body, 'metadata', 'deletionTimestamp') !== undefined);
      await t.askFor(owners, 'GET', `${maps}/held`);
      await t.must('PATCH', `${maps}/held`, { metadata: { finalizers: null } }, MERGE);
      await t.get(`${maps}/held`);
    },
  }),
  needsControllers: true,
};
