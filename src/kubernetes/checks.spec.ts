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
});

describe('AccessCheck', () => {
  it('returns the rights that are missing', async () => {
    const api = await FakeApi.start((asked, response) => {
      const { spec } = JSON.parse(asked.body) as { spec: { resourceAttributes: { verb: string } } };
      sendJson(response, 201, { status: { allowed: spec.resourceAttributes.verb !== 'delete' } });
    });
    const transport = await connectTo(api.url);
    closers.push(
      () => api.stop(),
      () => transport.close(),
    );
    const needs = [
      { verb: 'create', group: '', resource: 'pods' },
      { verb: 'delete', group: 'berth.dev', resource: 'labs/status', namespace: 'berth' },
    ];

    expect(await new AccessCheck(transport).missing(needs)).toEqual([needs[1]]);
    expect(JSON.parse(api.asked[1]?.body ?? '')).toMatchObject({
      kind: 'SelfSubjectAccessReview',
      spec: {
        resourceAttributes: {
          verb: 'delete',
          group: 'berth.dev',
          resource: 'labs',
          subresource: 'status',
          namespace: 'berth',
        },
      },
    });
  });
});

describe('PolicyCheck', () => {
  it('believes in a policy only that refused, by what the API server says of it', async () => {
    const api = await FakeApi.start((asked, response) => {
      const { metadata } = JSON.parse(asked.body) as { metadata: { name: string } };
      if (metadata.name === 'policy')
        sendStatus(response, 403, "ValidatingAdmissionPolicy 'berth' denied request: not here");
      else if (metadata.name === 'roles') sendStatus(response, 403, 'configmaps is forbidden');
      else sendJson(response, 201, {});
    });
    const transport = await connectTo(api.url);
    closers.push(
      () => api.stop(),
      () => transport.close(),
    );
    const kind = { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true };
    const probes = ['policy', 'roles', 'nobody'].map((name) => ({
      kind,
      namespace: 'kube-system',
      body: { metadata: { name } },
      purpose: name,
    }));

    expect(await new PolicyCheck(transport).missing(probes)).toEqual(['roles', 'nobody']);
    expect(api.asked.every(({ query }) => query.get('dryRun') === 'All')).toBe(true);
  });
});
