import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { SystemClock } from '../common/clock.js';
import { FakeApi, sendJson, sendStatus } from '../../test/support/fake-api.js';
import { connectTo, scratch } from '../../test/support/kube.js';
import { MemoryLog } from '../../test/support/memory-log.js';
import { AccessCheck } from './access-check.js';
import { CrdCheck } from './crd-check.js';
import { InformerStores } from './informer-stores.js';
import { PolicyCheck } from './policy-check.js';
import { KubeReader } from './reader.js';
import { KubeWriter } from './writer.js';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface CrdBody {
  kind?: string;
  metadata: { name: string; labels?: Record<string, string>; resourceVersion?: string };
  spec: object;
  status?: object;
}

const aCrd = (name: string, schema: number, spec: object = { scope: 'Namespaced' }): CrdBody => ({
  kind: 'CustomResourceDefinition',
  metadata: { name, labels: { 'berth.dev/schema': String(schema) } },
  spec,
});
const established = { conditions: [{ type: 'Established', status: 'True' }] };

/** A server that keeps CRDs; those made are established at once. */
async function scene(
  known: readonly CrdBody[],
): Promise<{ check: CrdCheck; crds: Map<string, CrdBody>; api: FakeApi }> {
  const crds = new Map(known.map((crd) => [crd.metadata.name, { ...crd, status: established }]));
  const api = await FakeApi.start((asked, response) => {
    const name = asked.path.split('/').at(-1) ?? '';
    if (asked.method === 'POST') {
      const crd = JSON.parse(asked.body) as CrdBody;
      crds.set(crd.metadata.name, { ...crd, status: established });
      sendJson(response, 201, crd);
      return;
    }
    const crd = crds.get(name);
    if (!crd) {
      sendStatus(response, 404, 'NotFound', { name, kind: 'customresourcedefinitions' });
      return;
    }
    if (asked.method === 'PATCH') {
      const [, labels, spec] = JSON.parse(asked.body) as { value: Record<string, string> }[];
      crds.set(name, {
        ...crd,
        metadata: { ...crd.metadata, labels: labels?.value ?? {} },
        spec: spec?.value ?? {},
      });
    }
    sendJson(response, 200, crds.get(name));
  });
  const transport = await connectTo(api.url);
  closers.push(
    () => api.stop(),
    () => transport.close(),
  );
  const stores = new InformerStores();
  const clock = new SystemClock();
  const check = new CrdCheck(
    new KubeReader(transport, stores, clock),
    new KubeWriter(transport, stores),
    clock,
    new MemoryLog(),
  );
  return { check, crds, api };
}

async function directoryWith(...crds: readonly CrdBody[]): Promise<string> {
  const directory = await scratch();
  for (const crd of crds) await writeFile(join(directory, `${crd.metadata.name}.yaml`), stringify(crd));
  await writeFile(join(directory, 'notes.txt'), 'not a manifest');
  return directory;
}

describe('CrdCheck', () => {
  it('names what is missing, older or not established, and accepts what is newer', async () => {
    const { check, crds } = await scene([
      aCrd('labs.berth.dev', 3),
      aCrd('old.berth.dev', 1),
      aCrd('new.berth.dev', 9),
      aCrd('raw.berth.dev', 3),
    ]);
    crds.get('raw.berth.dev')!.status = {};
    const required = ['labs', 'old', 'new', 'raw', 'gone'].map((kind) => ({
      name: `${kind}.berth.dev`,
      schema: 3,
    }));

    expect(await check.check(required)).toEqual([
      { name: 'old.berth.dev', problem: 'older', found: 1, required: 3 },
      { name: 'raw.berth.dev', problem: 'not-established', found: 3, required: 3 },
      { name: 'gone.berth.dev', problem: 'missing', required: 3 },
    ]);
  });

  it('reads names and schema numbers from the manifests', async () => {
    const { check } = await scene([]);

    expect(await check.required(await directoryWith(aCrd('labs.berth.dev', 3)))).toEqual([
      { name: 'labs.berth.dev', schema: 3 },
    ]);
  });

  it('installs what is missing, upgrades what is older, and never writes over what is newer', async () => {
    const { check, crds, api } = await scene([
      aCrd('old.berth.dev', 1),
      aCrd('same.berth.dev', 3),
      aCrd('new.berth.dev', 9),
    ]);
    const spec = { scope: 'Namespaced', fresh: true };
    const names = ['gone', 'old', 'same', 'new'];
    const directory = await directoryWith(...names.map((name) => aCrd(`${name}.berth.dev`, 3, spec)));

    await check.install(directory);

    const schemas = names.map((name) => crds.get(`${name}.berth.dev`)?.metadata.labels?.['berth.dev/schema']);
    expect(schemas).toEqual(['3', '3', '3', '9']);
    expect(crds.get('old.berth.dev')?.spec).toEqual(spec);
    expect(crds.get('new.berth.dev')?.spec).toEqual({ scope: 'Namespaced' });
    expect(api.asked.filter(({ method }) => method !== 'GET').map(({ method }) => method)).toEqual([
      'POST',
      'PATCH',
    ]);
  });

  it('reads each once where nothing is to be installed', async () => {
    const { check, api } = await scene([aCrd('labs.berth.dev', 3), aCrd('new.berth.dev', 9)]);
    const directory = await directoryWith(aCrd('labs.berth.dev', 3), aCrd('new.berth.dev', 3));

    expect(await check.install(directory)).toEqual([]);

    expect(api.asked.map(({ method }) => method)).toEqual(['GET', 'GET']);
  });
});

const POD = { verb: 'create', group: '', resource: 'pods' };
const STATUS = { verb: 'patch', group: 'berth.dev', resource: 'labs/status', namespace: 'berth' };

interface Review {
  readonly kind: string;
  readonly spec: { readonly namespace?: string; readonly resourceAttributes?: { readonly resource: string } };
}

/** A server that says `rules` hold in the namespace `berth`, `everywhere` in all, and denies any single right but those named. */
async function rights(
  rules: readonly object[] | number,
  everywhere: readonly object[] = [],
  allowed: readonly string[] = [],
): Promise<{ check: AccessCheck; asked: () => readonly Review[] }> {
  const api = await FakeApi.start((asked, response) => {
    const { kind, spec } = JSON.parse(asked.body) as Review;
    if (kind === 'SelfSubjectAccessReview')
      sendJson(response, 201, {
        status: { allowed: allowed.includes(spec.resourceAttributes?.resource ?? '') },
      });
    else if (typeof rules === 'number') sendStatus(response, rules, 'Forbidden');
    else
      sendJson(response, 201, {
        status: {
          resourceRules: spec.namespace === 'berth' ? [...rules, ...everywhere] : everywhere,
          incomplete: true,
        },
      });
  });
  const transport = await connectTo(api.url);
  closers.push(
    () => api.stop(),
    () => transport.close(),
  );
  const asked = (): readonly Review[] => api.asked.map(({ body }) => JSON.parse(body) as Review);
  return { check: new AccessCheck(transport), asked };
}

describe('AccessCheck', () => {
  it('asks once for each place whose rules grant everything', async () => {
    const { check, asked } = await rights(
      [{ verbs: ['get', 'patch'], apiGroups: ['berth.dev'], resources: ['labs', 'labs/status'] }],
      [{ verbs: ['*'], apiGroups: [''], resources: ['*'] }],
    );

    expect(await check.missing([POD, { ...POD, verb: 'delete' }, STATUS])).toEqual([]);
    expect(asked().map(({ kind }) => kind)).toEqual(['SelfSubjectRulesReview', 'SelfSubjectRulesReview']);
  });

  it('does not take for a right in all namespaces what is granted in our own', async () => {
    const { check } = await rights([{ verbs: ['create'], apiGroups: [''], resources: ['pods'] }]);

    expect(await check.missing([POD, { ...POD, namespace: 'berth' }])).toEqual([POD]);
  });

  it.each([
    ['another verb', { verbs: ['get'], apiGroups: ['berth.dev'], resources: ['labs/status'] }],
    ['another group', { verbs: ['patch'], apiGroups: [''], resources: ['labs/status'] }],
    [
      'the resource without its subresource',
      { verbs: ['patch'], apiGroups: ['berth.dev'], resources: ['labs'] },
    ],
    [
      'one object',
      { verbs: ['patch'], apiGroups: ['berth.dev'], resources: ['labs/status'], resourceNames: ['a'] },
    ],
  ])('does not take for the right itself a rule for %s', async (_, rule) => {
    const { check } = await rights([rule]);

    expect(await check.missing([STATUS])).toEqual([STATUS]);
  });

  it('asks for a right alone that no rule grants, as where a webhook authorises', async () => {
    const { check, asked } = await rights([], [], ['pods']);

    expect(await check.missing([POD, STATUS])).toEqual([STATUS]);
    expect(asked().at(-1)).toMatchObject({
      kind: 'SelfSubjectAccessReview',
      spec: {
        resourceAttributes: {
          verb: 'patch',
          group: 'berth.dev',
          resource: 'labs',
          subresource: 'status',
          namespace: 'berth',
        },
      },
    });
  });

  it('asks right by right where it may not ask for rules', async () => {
    const { check } = await rights(403, [], ['pods']);

    expect(await check.missing([POD, STATUS])).toEqual([STATUS]);
  });
});

describe('PolicyCheck', () => {
  it('believes in a policy only that refused, by what the API server says of it', async () => {
    const api = await FakeApi.start((asked, response) => {
      const { metadata } = JSON.parse(asked.body) as { metadata: { name: string } };
      if (metadata.name === 'policy')
        sendStatus(response, 403, "ValidatingAdmissionPolicy 'berth' denied request: not here");
      else if (metadata.name === 'roles') sendStatus(response, 403, 'configmaps is forbidden');
      else if (metadata.name === 'mistyped') sendStatus(response, 404, 'namespaces "mistyped" not found');
      else sendJson(response, 201, {});
    });
    const transport = await connectTo(api.url);
    closers.push(
      () => api.stop(),
      () => transport.close(),
    );
    const kind = { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true };
    const probes = ['policy', 'roles', 'nobody', 'mistyped'].map((name) => ({
      kind,
      namespace: 'kube-system',
      body: { metadata: { name } },
      purpose: name,
    }));

    const missing = await new PolicyCheck(transport).missing(probes);

    expect(Array.from(missing, ([{ purpose }, gap]) => [purpose, gap])).toEqual([
      ['roles', 'no_policy'],
      ['nobody', 'no_policy'],
      ['mistyped', 'no_namespace'],
    ]);
    expect(api.asked.every(({ query }) => query.get('dryRun') === 'All')).toBe(true);
  });
});
