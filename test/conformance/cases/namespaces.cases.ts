import { group, type Group } from '../case.js';
import { pathOf } from '../paths.js';
import { aMap, aPod, aWidget, HOLD } from '../objects.js';
import { at, listAt, textAt } from '../json.js';
import type { Trial } from '../trial.js';

const MERGE = { 'content-type': 'application/merge-patch+json' };
const NAMESPACES = '/api/v1/namespaces';

/** Without the conditions that the controller writes while it works. */
const life = (body: unknown): unknown => ({
  kind: at(body, 'kind'),
  phase: at(body, 'status', 'phase'),
  deleted: at(body, 'metadata', 'deletionTimestamp'),
  finalizers: at(body, 'metadata', 'finalizers'),
  own: at(body, 'spec', 'finalizers'),
});

/** A namespace on its way out that can not go, because something in it is held. */
async function ending(t: Trial): Promise<string> {
  const home = await t.namespace();
  await t.make(pathOf(home, 'configmaps'), aMap('held', { n: '1' }, { finalizers: [HOLD] }));
  await t.must('DELETE', `${NAMESPACES}/${home}`);
  return home;
}

export const namespaces: Group = {
  ...group('namespaces', {
    'a namespace is born active, labelled and with its finalizer': async (t) => {
      const name = `conf-born-${t.id}`;
      await t.askFor((body) => body, 'POST', NAMESPACES, {
        body: { metadata: { name, labels: { a: 'b' } } },
      });
      await t.delete(`${NAMESPACES}/${name}`, { dryRun: ['All'] });
    },
    'its label can not be taken away': async (t) => {
      const home = await t.namespace();
      await t.patch('merge', `${NAMESPACES}/${home}`, {
        metadata: { labels: { 'kubernetes.io/metadata.name': 'x', c: 'd' } },
      });
    },
    'a delete answers the namespace, terminating': async (t) => {
      const home = await t.namespace();
      await t.make(pathOf(home, 'configmaps'), aMap('held', { n: '1' }, { finalizers: [HOLD] }));
      await t.delete(`${NAMESPACES}/${home}`);
      await t.askFor(life, 'GET', `${NAMESPACES}/${home}`);
    },
    'nothing is created in a namespace that ends: 403 with the cause NamespaceTerminating': async (t) => {
      const home = await ending(t);
      await t.post(pathOf(home, 'configmaps'), aMap('late'));
      await t.post(pathOf(home, 'widgets'), aWidget('late'));
      await t.post(pathOf(home, 'pods'), aPod('late'));
      await t.post(pathOf(home, 'configmaps'), { metadata: { generateName: 'late-' } });
    },
    'what is there can be changed while the namespace ends': async (t) => {
      const home = await ending(t);
      await t.askFor((body) => at(body, 'data'), 'PATCH', `${pathOf(home, 'configmaps')}/held`, {
        body: { data: { n: '2' } },
        headers: MERGE,
      });
    },
    'a namespace that ends is not made again': async (t) => {
      const home = await ending(t);
      await t.post(NAMESPACES, { metadata: { name: home } });
    },
    'the controller deletes what lies in it, then the namespace': async (t) => {
      const home = await t.namespace();
      await t.make(pathOf(home, 'configmaps'), aMap('a'));
      await t.make(pathOf(home, 'widgets'), {
        ...aWidget('held'),
        metadata: { name: 'held', finalizers: [HOLD] },
      });
      await t.must('DELETE', `${NAMESPACES}/${home}`);
      await t.until(`${pathOf(home, 'configmaps')}/a`, ({ status }) => status === 404);
      await t.until(
        `${pathOf(home, 'widgets')}/held`,
        ({ body }) => at(body, 'metadata', 'deletionTimestamp') !== undefined,
      );
      await t.askFor(life, 'GET', `${NAMESPACES}/${home}`);
      await t.must('PATCH', `${pathOf(home, 'widgets')}/held`, { metadata: { finalizers: null } }, MERGE);
      await t.until(`${NAMESPACES}/${home}`, ({ status }) => status === 404);
      await t.get(`${NAMESPACES}/${home}`);
      await t.delete(`${NAMESPACES}/${home}`);
    },
    'the conditions of a namespace that ends name what is left': async (t) => {
      const home = await ending(t);
      const conditions = (body: unknown): readonly unknown[] => listAt(body, 'status', 'conditions');
      const remains = (body: unknown): boolean =>
        conditions(body).some(
          (each) =>
            textAt(each, 'type') === 'NamespaceFinalizersRemaining' && textAt(each, 'status') === 'True',
        );
      const { body } = await t.until(`${NAMESPACES}/${home}`, (answer) => remains(answer.body));
      const left = conditions(body).filter(
        (each) => textAt(each, 'type').startsWith('Namespace') && textAt(each, 'status') === 'True',
      );
      t.note(
        'left',
        left.map((each) => [textAt(each, 'type'), textAt(each, 'reason'), textAt(each, 'message')]).sort(),
      );
    },
    'a finalizer of the namespace itself holds it': async (t) => {
      const home = await t.namespace();
      await t.must('PATCH', `${NAMESPACES}/${home}`, { metadata: { finalizers: [HOLD] } }, MERGE);
      await t.must('DELETE', `${NAMESPACES}/${home}`);
      await t.until(`${NAMESPACES}/${home}`, ({ body }) => listAt(body, 'spec', 'finalizers').length === 0);
      await t.askFor(life, 'GET', `${NAMESPACES}/${home}`);
      await t.must('PATCH', `${NAMESPACES}/${home}`, { metadata: { finalizers: null } }, MERGE);
      await t.until(`${NAMESPACES}/${home}`, ({ status }) => status === 404);
    },
    'a namespace under deletion can be labelled': async (t) => {
      const home = await ending(t);
      await t.askFor(life, 'PATCH', `${NAMESPACES}/${home}`, {
        body: { metadata: { labels: { a: 'b' } } },
        headers: MERGE,
      });
    },
    'the namespaces of Kubernetes itself stay': async (t) => {
      await t.delete(`${NAMESPACES}/kube-system`, { dryRun: ['All'] });
      await t.delete(`${NAMESPACES}/default`, { dryRun: ['All'] });
    },
    'namespaces are not deleted as a collection': async (t) => {
      await t.delete(`${NAMESPACES}?labelSelector=no%3Dmatch`);
    },
    'its service account comes by itself': async (t) => {
      const name = `conf-fresh-${t.id}`;
      t.hide(name, '<fresh>');
      await t.make(NAMESPACES, { metadata: { name } });
      const account = `${pathOf(name, 'serviceaccounts')}/default`;
      await t.until(account, ({ status }) => status === 200);
      await t.get(account);
    },
  }),
  needsControllers: true,
};
