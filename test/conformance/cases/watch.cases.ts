import { group } from '../case.js';
import { asking, pathOf } from '../paths.js';
import { aMap, aPod, aSecret, aWidget, HOLD } from '../objects.js';
import { at, listAt, textAt } from '../json.js';
import type { Trial } from '../trial.js';
import type { WatchEvent } from '../watch-stream.js';

const MERGE = { 'content-type': 'application/merge-patch+json' };
const PARTIAL = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json';
/** A list that comes as the beginning of a watch. */
const INITIAL_EVENTS = {
  watch: 1,
  sendInitialEvents: 'true',
  resourceVersionMatch: 'NotOlderThan',
  allowWatchBookmarks: 'true',
};
const brief = (events: readonly WatchEvent[]): unknown =>
  events.map(({ type, object }) =>
    [type, textAt(object, 'metadata', 'name'), textAt(object, 'metadata', 'labels', 'tier')].join(' ').trim(),
  );

/** A watch of a collection that begins now. */
async function watching(t: Trial, path: string, query: Record<string, string | number> = {}) {
  const resourceVersion = await t.versionOf(path);
  return t.watch(asking(path, { watch: 'true', resourceVersion, ...query }));
}

/** Changes everything once, and says `end` last. */
async function churn(t: Trial, path: string): Promise<void> {
  await t.make(path, aSecret('a', { labels: { tier: 'one' } }));
  await t.make(path, aSecret('b', { labels: { tier: 'two' } }));
  await t.must('PATCH', `${path}/a`, { metadata: { labels: { tier: 'two' } } }, MERGE);
  await t.must('PATCH', `${path}/b`, { metadata: { labels: { tier: 'three' } } }, MERGE);
  await t.must('DELETE', `${path}/a`);
  await t.make(path, aSecret('end', { labels: { tier: 'two' } }));
}

export const watch = group('watch', {
  'a watch tells each change once, in order, with its version': async (t) => {
    const secrets = pathOf(await t.namespace(), 'secrets');
    const stream = await watching(t, secrets);
    await churn(t, secrets);
    t.noteEvents('events', await stream.upTo('ADDED', 'end'));
  },
  'a watch from an earlier version repeats what happened since': async (t) => {
    const secrets = pathOf(await t.namespace(), 'secrets');
    const resourceVersion = await t.versionOf(secrets);
    await churn(t, secrets);
    const stream = await t.watch(asking(secrets, { watch: 1, resourceVersion }));
    t.noteEvents('events', await stream.upTo('ADDED', 'end'));
  },
  'a watch from the version of an object tells what is newer': async (t) => {
    const secrets = pathOf(await t.namespace(), 'secrets');
    const made = await t.make(secrets, aSecret('a'));
    await t.make(secrets, aSecret('b'));
    const stream = await t.watch(
      asking(secrets, { watch: 1, resourceVersion: textAt(made, 'metadata', 'resourceVersion') }),
    );
    await t.make(secrets, aSecret('end'));
    t.note('events', brief(await stream.upTo('ADDED', 'end')));
  },
  'a watch across namespaces hears all of them, one in a namespace its own': async (t) => {
    const [home, other] = [await t.namespace('a'), await t.namespace('b')];
    const wide = await watching(t, '/api/v1/secrets', { labelSelector: `trial=${t.id}` });
    const narrow = await watching(t, pathOf(home, 'secrets'));
    const labels = { trial: t.id };
    await t.make(pathOf(other, 'secrets'), aSecret('elsewhere', { labels }));
    await t.make(pathOf(home, 'secrets'), aSecret('end', { labels }));
    t.note('wide', brief(await wide.upTo('ADDED', 'end')));
    t.note('narrow', brief(await narrow.upTo('ADDED', 'end')));
  },
  'behind a label selector an object that stops matching is DELETED, one that begins ADDED': async (t) => {
    const secrets = pathOf(await t.namespace(), 'secrets');
    const stream = await watching(t, secrets, { labelSelector: 'tier=two' });
    await churn(t, secrets);
    t.noteEvents('events', await stream.upTo('ADDED', 'end'));
  },
  'behind a field selector too': async (t) => {
    const pods = pathOf(await t.namespace(), 'pods');
    const stream = await watching(t, pods, { fieldSelector: 'spec.nodeName=conformance-node' });
    await t.make(pods, aPod('a'));
    const binding = { metadata: { name: 'a' }, target: { kind: 'Node', name: 'conformance-node' } };
    await t.must('POST', `${pods}/a/binding`, binding);
    await t.must('PATCH', `${pods}/a`, { metadata: { labels: { tier: 'x' } } }, MERGE);
    await t.must('DELETE', `${pods}/a`, { gracePeriodSeconds: 0 });
    t.note('events', brief(await stream.upTo('DELETED', 'a')));
  },
  'a watch of one name hears only of it': async (t) => {
    const secrets = pathOf(await t.namespace(), 'secrets');
    const stream = await watching(t, secrets, { fieldSelector: 'metadata.name=end' });
    await churn(t, secrets);
    t.note('events', brief(await stream.upTo('ADDED', 'end')));
  },
  'a watch without a version begins with what is there': async (t) => {
    for (const query of [{}, { resourceVersion: '0' }]) {
      // Each with a past of its own: version 0 may begin with any state that has been.
      const secrets = pathOf(await t.namespace(query.resourceVersion), 'secrets');
      await t.make(secrets, aSecret('a'));
      const stream = await t.watch(asking(secrets, { watch: 1, ...query }));
      const first = await stream.upTo('ADDED', 'a');
      await t.must('PATCH', `${secrets}/a`, { metadata: { labels: { tier: 'x' } } }, MERGE);
      t.note('events', brief([...first, ...(await stream.upTo('MODIFIED', 'a'))]));
    }
  },
  'initial events end with a bookmark that says so': async (t) => {
    const secrets = pathOf(await t.namespace(), 'secrets');
    await t.make(secrets, aSecret('a'));
    await t.make(secrets, aSecret('b'));
    const stream = await t.watch(asking(secrets, INITIAL_EVENTS));
    t.noteEvents('events', await stream.until(({ type }) => type === 'BOOKMARK'));
  },
  'initial events behind a selector, as metadata alone, end so too': async (t) => {
    const widgets = pathOf(await t.namespace(), 'widgets');
    await t.make(widgets, aWidget('a'));
    await t.make(widgets, aWidget('b'));
    await t.must('PATCH', `${widgets}/a`, { metadata: { labels: { tier: 'x' } } }, MERGE);
    const query = { ...INITIAL_EVENTS, labelSelector: 'tier=x' };
    const stream = await t.watch(asking(widgets, query), PARTIAL);
    t.noteEvents('events', await stream.until(({ type }) => type === 'BOOKMARK'));
    await t.must('PATCH', `${widgets}/b`, { metadata: { labels: { tier: 'x' } } }, MERGE);
    t.note('then', brief(await stream.upTo('ADDED', 'b')));
  },
  'initial events of Events end so too, though no other bookmark comes': async (t) => {
    const stream = await t.watch(asking(pathOf(await t.namespace(), 'events'), INITIAL_EVENTS));
    const events = await stream.until(({ type }) => type === 'BOOKMARK');
    t.note('end', at(events.at(-1)?.object, 'metadata', 'annotations'));
  },
  'initial events want the right options': async (t) => {
    const secrets = pathOf(await t.namespace(), 'secrets');
    await t.get(asking(secrets, { watch: 1, sendInitialEvents: 'true' }));
    await t.get(asking(secrets, { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' }));
    await t.get(asking(secrets, { watch: 1, resourceVersionMatch: 'NotOlderThan', resourceVersion: '1' }));
  },
  'a watch that allows bookmarks gets one before its time is over': async (t) => {
    const secrets = pathOf(await t.namespace(), 'secrets');
    await t.make(secrets, aSecret('a'));
    const stream = await watching(t, secrets, { allowWatchBookmarks: 'true', timeoutSeconds: 4 });
    const events = await stream.toEnd();
    t.note('last', events.at(-1));
    t.note('kinds', [...new Set(events.map(({ type }) => type))]);
  },
  'a watch that does not allow bookmarks gets none': async (t) => {
    const secrets = pathOf(await t.namespace(), 'secrets');
    const stream = await watching(t, secrets, { timeoutSeconds: 3 });
    await t.make(secrets, aSecret('a'));
    t.note('events', brief(await stream.toEnd()));
  },
  'a watch of events has no bookmarks': async (t) => {
    const events = pathOf(await t.namespace(), 'events');
    const stream = await watching(t, events, { allowWatchBookmarks: 'true', timeoutSeconds: 3 });
    t.note('events', brief(await stream.toEnd()));
  },
  'a version from before all that is remembered is 410 in the stream': async (t) => {
    // Not a built-in kind: a young server remembers those from its very first version.
    const widgets = pathOf(await t.namespace(), 'widgets');
    const stream = await t.watch(asking(widgets, { watch: 1, resourceVersion: '1' }));
    t.note('status', stream.status);
    const events = await stream.toEnd();
    t.note(
      'events',
      events.map(({ type, object }) => ({
        type,
        object: { ...object, message: textAt(object, 'message').replace(/\d+/g, '<number>') },
      })),
    );
  },
  'a version that is no number is refused': async (t) => {
    const secrets = pathOf(await t.namespace(), 'secrets');
    await t.get(asking(secrets, { watch: 1, resourceVersion: 'abc' }));
    const code = (body: unknown): unknown => [at(body, 'code'), at(body, 'reason')];
    await t.askFor(code, 'GET', asking(secrets, { watch: 1, labelSelector: 'a=b=c', timeoutSeconds: 1 }));
  },
  'the last version of what is deleted is newer than its life': async (t) => {
    const maps = pathOf(await t.namespace(), 'widgets');
    const stream = await watching(t, maps);
    await t.make(maps, { ...aWidget('a'), metadata: { name: 'a', finalizers: [HOLD] } });
    await t.must('DELETE', `${maps}/a`);
    await t.must('PATCH', `${maps}/a`, { metadata: { finalizers: null } }, MERGE);
    t.noteEvents('events', await stream.upTo('DELETED', 'a'));
  },
  'a pod under deletion is told with its grace, then without': async (t) => {
    const pods = pathOf(await t.namespace(), 'pods');
    const stream = await watching(t, pods);
    await t.make(pods, aPod('a', { nodeName: 'conformance-node' }));
    await t.must('DELETE', `${pods}/a`);
    await t.must('DELETE', `${pods}/a`, { gracePeriodSeconds: 0 });
    await t.make(pods, aPod('free'));
    await t.must('DELETE', `${pods}/free`);
    const events = await stream.upTo('DELETED', 'free');
    t.note(
      'events',
      events.map(({ type, object }) => [
        type,
        at(object, 'metadata', 'name'),
        at(object, 'metadata', 'generation'),
        at(object, 'metadata', 'deletionTimestamp') ?? null,
        at(object, 'metadata', 'deletionGracePeriodSeconds') ?? null,
      ]),
    );
  },
  'what changes nothing and what runs dry is not told': async (t) => {
    const maps = pathOf(await t.namespace(), 'secrets');
    const stream = await watching(t, maps);
    await t.make(maps, aSecret('a'));
    await t.must('PUT', `${maps}/a`, aSecret('a'));
    await t.must('PUT', asking(`${maps}/a`, { dryRun: 'All' }), aSecret('a', { labels: { tier: 'x' } }));
    await t.must('POST', asking(maps, { dryRun: 'All' }), aSecret('dry'));
    await t.must('DELETE', asking(`${maps}/a`, { dryRun: 'All' }));
    await t.make(maps, aSecret('end'));
    t.note('events', brief(await stream.upTo('ADDED', 'end')));
  },
  'a write to the status is told as a change': async (t) => {
    const widgets = pathOf(await t.namespace(), 'widgets');
    await t.make(widgets, aWidget('a'));
    const stream = await watching(t, widgets);
    await t.must('PATCH', `${widgets}/a/status`, { status: { phase: 'running' } }, MERGE);
    t.noteEvents('events', await stream.upTo('MODIFIED', 'a'));
  },
  'a watch of metadata alone': async (t) => {
    const maps = pathOf(await t.namespace(), 'secrets');
    const resourceVersion = await t.versionOf(maps);
    const accept = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
    const stream = await t.watch(asking(maps, { watch: 1, resourceVersion }), accept);
    await t.make(maps, aSecret('end'));
    t.noteEvents('events', await stream.until(() => true));
  },
  'a watch as table tells the columns once': async (t) => {
    const widgets = pathOf(await t.namespace(), 'widgets');
    const resourceVersion = await t.versionOf(widgets);
    const accept = 'application/json;as=Table;g=meta.k8s.io;v=v1';
    const stream = await t.watch(asking(widgets, { watch: 1, resourceVersion }), accept);
    await t.make(widgets, aWidget('a'));
    await t.make(widgets, aWidget('b'));
    const rows = await stream.until(
      ({ object }) => textAt(object, 'rows', 0, 'object', 'metadata', 'name') === 'b',
    );
    t.note(
      'events',
      rows.map(({ type, object }) => ({
        type,
        columns: Array.isArray(at(object, 'columnDefinitions'))
          ? listAt(object, 'columnDefinitions').map((each) => [at(each, 'name'), at(each, 'type')])
          : at(object, 'columnDefinitions'),
        cells: (at(object, 'rows', 0, 'cells') as unknown[]).slice(0, 4),
      })),
    );
  },
  'the path of one object reads it, watch or not': async (t) => {
    const maps = pathOf(await t.namespace(), 'configmaps');
    await t.make(maps, aMap('a'));
    await t.get(asking(`${maps}/a`, { watch: 1, resourceVersion: '0' }));
  },
});
