import { group } from '../case.js';
import { asking, pathOf } from '../paths.js';
import { aPod, aSecret, aWidget } from '../objects.js';
import { at, listAt, textAt } from '../json.js';
import type { Trial } from '../trial.js';

const page = (body: unknown): unknown => ({
  names: listAt(body, 'items').map((each) => textAt(each, 'metadata', 'name')),
  remaining: at(body, 'metadata', 'remainingItemCount'),
  goesOn: textAt(body, 'metadata', 'continue') !== '',
  code: at(body, 'code'),
  reason: at(body, 'reason'),
});
const reason = (body: unknown): unknown => ({ code: at(body, 'code'), reason: at(body, 'reason') });
const tokenOf = (body: unknown): string => textAt(body, 'metadata', 'continue');

/** The same token of a list that began at the first version there ever was. */
function aged(token: string): string {
  const told = JSON.parse(Buffer.from(token, 'base64url').toString()) as object;
  return Buffer.from(JSON.stringify({ ...told, rv: 1 })).toString('base64url');
}

/** Not of a built-in kind: a young server remembers those from its very first version. */
async function fiveWidgets(t: Trial): Promise<string> {
  const widgets = pathOf(await t.namespace(), 'widgets');
  for (const index of [0, 1, 2, 3, 4]) await t.make(widgets, aWidget(`w${index}`));
  return widgets;
}

async function five(t: Trial): Promise<string> {
  const secrets = pathOf(await t.namespace(), 'secrets');
  const tiers = ['a', 'b', 'a', 'c', 'b'];
  for (const [index, tier] of tiers.entries())
    await t.make(secrets, aSecret(`s${index}`, { labels: { tier, [`only${index}`]: '' } }));
  await t.make(secrets, aSecret('bare'));
  return secrets;
}

export const list = group('list', {
  'a list of a built-in kind names kind and version once': async (t) => {
    const secrets = pathOf(await t.namespace(), 'secrets');
    await t.make(secrets, aSecret('b'));
    await t.make(secrets, aSecret('a'));
    await t.get(secrets);
  },
  'a list of custom resources names kind and version in each item': async (t) => {
    const widgets = pathOf(await t.namespace(), 'widgets');
    await t.make(widgets, aWidget('a'));
    await t.get(widgets);
  },
  'a list in a namespace that is not there is empty': async (t) => {
    await t.get(pathOf(`absent-${t.id}`, 'configmaps'));
    await t.get(pathOf(`absent-${t.id}`, 'widgets'));
  },
  'a list across namespaces is ordered by namespace and name': async (t) => {
    const [home, other] = [await t.namespace('a'), await t.namespace('b')];
    const labels = { trial: t.id };
    await t.make(pathOf(other, 'secrets'), aSecret('a', { labels }));
    await t.make(pathOf(home, 'secrets'), aSecret('b', { labels }));
    await t.make(pathOf(home, 'secrets'), aSecret('a', { labels }));
    await t.get(asking('/api/v1/secrets', { labelSelector: `trial=${t.id}` }));
  },
  'label selectors choose': async (t) => {
    const secrets = await five(t);
    const selectors = [
      'tier=a',
      'tier==a',
      'tier!=a',
      'tier in (a,c)',
      'tier notin (a, c)',
      'tier',
      '!tier',
      'tier=a,only0',
      'tier=',
      'only0=',
    ];
    for (const labelSelector of selectors) await t.askFor(page, 'GET', asking(secrets, { labelSelector }));
  },
  'a bad label selector is 400': async (t) => {
    const secrets = await five(t);
    for (const labelSelector of ['tier in', 'a=b=c', '=x', 'tier in (a'])
      await t.askFor(reason, 'GET', asking(secrets, { labelSelector }));
  },
  'field selectors choose': async (t) => {
    const home = await t.namespace();
    const [secrets, pods] = [pathOf(home, 'secrets'), pathOf(home, 'pods')];
    await t.make(secrets, aSecret('a'));
    await t.make(secrets, { ...aSecret('b'), type: 'example.org/other' });
    await t.make(pods, aPod('free'));
    await t.make(pods, aPod('bound', { nodeName: 'conformance-node' }));
    for (const fieldSelector of [
      'metadata.name=a',
      'metadata.name!=a',
      `metadata.namespace=${home}`,
      'type=Opaque',
      'metadata.name=a,type=Opaque',
    ])
      await t.askFor(page, 'GET', asking(secrets, { fieldSelector }));
    for (const fieldSelector of [
      'spec.nodeName=',
      'spec.nodeName=conformance-node',
      'status.phase=Pending',
      'status.phase!=Pending',
    ])
      await t.askFor(page, 'GET', asking(pods, { fieldSelector }));
  },
  'a field that can not be selected is 400': async (t) => {
    const home = await t.namespace();
    await t.get(asking(pathOf(home, 'pods'), { fieldSelector: 'spec.colour=red' }));
    await t.get(asking(pathOf(home, 'configmaps'), { fieldSelector: 'data.n=1' }));
    await t.get(asking(pathOf(home, 'widgets'), { fieldSelector: 'spec.title=x' }));
    await t.askFor(reason, 'GET', asking(pathOf(home, 'secrets'), { fieldSelector: 'nonsense' }));
  },
  'a selectable field of a custom resource chooses': async (t) => {
    const widgets = pathOf(await t.namespace(), 'widgets');
    await t.make(widgets, aWidget('s'));
    await t.make(widgets, aWidget('l', { size: 'large' }));
    await t.askFor(page, 'GET', asking(widgets, { fieldSelector: 'spec.size=large' }));
    await t.askFor(page, 'GET', asking(widgets, { fieldSelector: 'metadata.name=s' }));
  },
  'a list comes in chunks that say what remains': async (t) => {
    const secrets = await five(t);
    const first = await t.get(asking(secrets, { limit: 2 }));
    const second = await t.askFor(page, 'GET', asking(secrets, { limit: 2 }), {});
    t.note('the same again', tokenOf(second.body) !== '');
    const { body } = await t.askFor(
      page,
      'GET',
      `${secrets}?limit=3&continue=${tokenOf(first.body)}`.replace(tokenOf(first.body), tokenOf(first.body)),
    );
    t.hide(tokenOf(first.body), '<token>');
    t.hide(tokenOf(body), '<token>');
    await t.get(`${secrets}?limit=3&continue=${tokenOf(body)}`);
  },
  'a chunked list goes on as it began, whatever changes meanwhile': async (t) => {
    const secrets = await five(t);
    const { body } = await t.askFor(page, 'GET', asking(secrets, { limit: 2 }));
    t.hide(tokenOf(body), '<token>');
    await t.must('DELETE', `${secrets}/s4`);
    await t.make(secrets, aSecret('s9'));
    await t.askFor(page, 'GET', `${secrets}?limit=500&continue=${tokenOf(body)}`);
    await t.askFor(page, 'GET', secrets);
  },
  'a chunk behind a selector does not say what remains': async (t) => {
    const secrets = await five(t);
    const { body } = await t.askFor(page, 'GET', asking(secrets, { limit: 1, labelSelector: 'tier' }));
    t.hide(tokenOf(body), '<token>');
    await t.askFor(
      page,
      'GET',
      `${asking(secrets, { limit: 9, labelSelector: 'tier' })}&continue=${tokenOf(body)}`,
    );
  },
  'a token of nonsense is 400': async (t) => {
    await t.askFor(reason, 'GET', asking(await five(t), { continue: 'nonsense' }));
  },
  'a token from before all that is remembered is 410, with another to go on with': async (t) => {
    const widgets = await fiveWidgets(t);
    const { body } = await t.askFor(page, 'GET', asking(widgets, { limit: 2 }));
    const old = aged(tokenOf(body));
    t.hide(old, '<old token>');
    const expired = await t.get(`${widgets}?limit=2&continue=${old}`);
    t.hide(tokenOf(expired.body), '<token>');
    await t.must('DELETE', `${widgets}/w3`);
    await t.askFor(page, 'GET', `${widgets}?limit=2&continue=${tokenOf(expired.body)}`);
  },
  'a list at exactly a version from before all that is remembered is 410': async (t) => {
    const widgets = await fiveWidgets(t);
    await t.get(asking(widgets, { resourceVersion: 1, resourceVersionMatch: 'Exact' }));
  },
  'a token with a version is 400': async (t) => {
    const secrets = await five(t);
    const { body } = await t.askFor(page, 'GET', asking(secrets, { limit: 1 }));
    t.hide(tokenOf(body), '<token>');
    await t.get(`${secrets}?limit=1&resourceVersion=5&continue=${tokenOf(body)}`);
  },
  'a list from version 0 and one not older than a version show the present': async (t) => {
    const secrets = await five(t);
    const version = await t.versionOf(secrets);
    t.hide(version, '<version>');
    const matching = asking(secrets, { resourceVersion: version, resourceVersionMatch: 'NotOlderThan' });
    await t.askFor(page, 'GET', matching);
    await t.askFor(page, 'GET', asking(secrets, { resourceVersion: version }));
  },
  'a list at exactly a version shows the past': async (t) => {
    const secrets = await five(t);
    const version = await t.versionOf(secrets);
    t.hide(version, '<version>');
    await t.must('DELETE', `${secrets}/s0`);
    await t.make(secrets, aSecret('new'));
    await t.askFor(page, 'GET', asking(secrets, { resourceVersion: version, resourceVersionMatch: 'Exact' }));
    await t.askFor(
      page,
      'GET',
      asking(secrets, { resourceVersion: version, resourceVersionMatch: 'Exact', limit: 2 }),
    );
  },
  'version options that make no sense are refused': async (t) => {
    const secrets = await five(t);
    await t.get(asking(secrets, { resourceVersionMatch: 'Exact' }));
    await t.get(asking(secrets, { resourceVersionMatch: 'Roughly', resourceVersion: '1' }));
    await t.get(asking(secrets, { resourceVersionMatch: 'Exact', resourceVersion: '0' }));
    await t.get(asking(secrets, { resourceVersion: 'abc' }));
    await t.get(asking(secrets, { limit: 'abc' }));
  },
  'a version that is not reached yet is 504': async (t) => {
    const secrets = await five(t);
    const future = '900000000000';
    const shown = (body: unknown): unknown => ({
      ...(reason(body) as object),
      causes: at(body, 'details', 'causes'),
      retry: at(body, 'details', 'retryAfterSeconds'),
    });
    await t.askFor(
      shown,
      'GET',
      asking(secrets, { resourceVersion: future, resourceVersionMatch: 'NotOlderThan' }),
    );
    await t.askFor(shown, 'GET', asking(`${secrets}/s0`, { resourceVersion: future }));
  },
});
