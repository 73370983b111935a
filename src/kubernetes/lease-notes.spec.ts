import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { startApiServer } from '../../simulator/server/index.js';
import type { ApiServer } from '../../simulator/server/index.js';
import { FakeApi, sendJson, sendStatus } from '../../test/support/fake-api.js';
import { connectTo } from '../../test/support/kube.js';
import { SystemClock } from '../common/clock.js';
import { seconds } from '../common/units.js';
import type { JsonPatchOperation } from './call.js';
import { InformerStores } from './informer-stores.js';
import { KubernetesError } from './kubernetes.error.js';
import { LeaseFile } from './lease-file.js';
import { LeaseNotes } from './lease-notes.js';
import { KubeReader } from './reader.js';
import type { KubeTransport } from './transport.js';
import { KubeWriter } from './writer.js';

const NEVER = new AbortController().signal;

describe('LeaseNotes', () => {
  let server: ApiServer;
  let transport: KubeTransport;

  beforeEach(async () => {
    const clock = new SystemClock();
    server = await startApiServer({ namespaces: ['berth'] });
    transport = await connectTo(server.url, { clock });
  });

  afterEach(async () => {
    await transport.close();
    await server.close();
  });

  function process(identity: string, through = transport): { file: LeaseFile; notes: LeaseNotes } {
    const clock = new SystemClock();
    const stores = new InformerStores();
    const times = { duration: seconds(20), renewDeadline: seconds(8), renewEvery: seconds(2) };
    const settings = {
      ref: { namespace: 'berth', name: 'berth' },
      identity,
      lookEvery: seconds(2),
      ...times,
    };
    const reader = new KubeReader(through, stores, clock);
    const file = new LeaseFile(reader, new KubeWriter(through, stores), settings, clock);
    return { file, notes: new LeaseNotes(file) };
  }

  it('keeps what is noted for the next life, which learns it from its first look', async () => {
    const one = process('one');
    await one.file.create(NEVER);
    await one.notes.change(() => ({ a: '1', b: '2' }));
    await one.notes.change(() => ({ a: undefined, c: '3' }));

    const two = process('two');
    await two.file.read(NEVER);

    expect(two.notes.seen).toEqual({ b: '2', c: '3' });
    expect(one.notes.seen).toEqual(two.notes.seen);
  });

  it('learns of others’ notes with the next renewal, without another request', async () => {
    const [one, operator] = [process('one'), process('operator')];
    const held = await one.file.create(NEVER);
    const told: object[] = [];
    one.notes.onChange((notes) => told.push(notes));
    await operator.notes.change(() => ({ resume: 'now' }));
    let requests = 0;
    server.onRequest(() => (requests += 1));

    const renewed = held && (await one.file.renew(held, NEVER));

    expect(renewed?.holder).toBe('one');
    expect(told).toEqual([{ resume: 'now' }]);
    expect(requests).toBe(1);
  });

  it('loses no count when many write at once', async () => {
    const all = ['one', 'two', 'three'].map((name) => process(name));
    await all[0]?.file.create(NEVER);

    await Promise.all(
      all.map(({ notes }) => notes.change(({ count = '0' }) => ({ count: String(Number(count) + 1) }))),
    );

    await all[0]?.file.read(NEVER);
    expect(all[0]?.notes.seen).toEqual({ count: '3' });
  });

  it('keeps what is noted when somebody deletes the lease', async () => {
    const one = process('one');
    await one.file.create(NEVER);
    await one.notes.change(() => ({ stopped: 'by hand' }));
    const deleted = await fetch(`${server.url}/apis/coordination.k8s.io/v1/namespaces/berth/leases/berth`, {
      method: 'DELETE',
    });
    expect(deleted.status).toBe(200);

    await one.file.read(NEVER);
    await one.file.create(NEVER);

    const two = process('two');
    await two.file.read(NEVER);
    expect(two.notes.seen).toEqual({ stopped: 'by hand' });
  });

  it('learns of notes, and adds to them, when the cluster was restored and its versions went backwards', async () => {
    const versions = [5000, 1000, 1001, 1002];
    let annotations: Record<string, string> = { stopped: 'by hand' };
    const restored = await FakeApi.start(({ method, body }, response) => {
      const operations = method === 'PATCH' ? (JSON.parse(body) as JsonPatchOperation[]) : [];
      const tested = operations.find(({ path }) => path === '/metadata/resourceVersion')?.value;
      const resourceVersion = String(versions.length > 1 ? versions.shift() : versions[0]);
      const noted = operations.find(({ path }) => path === '/metadata/annotations')?.value;
      if (tested === '5000') {
        sendStatus(response, 422, 'Invalid');
        return;
      }
      annotations = (noted as typeof annotations | undefined) ?? annotations;
      sendJson(response, 200, {
        metadata: { name: 'berth', uid: 'u', resourceVersion, annotations },
        spec: {},
      });
    });
    const one = process('one', await connectTo(restored.url));
    await one.file.read(NEVER);

    annotations = { stopped: 'by hand', resume: 'now' };
    await one.file.read(NEVER);
    expect(one.notes.seen).toEqual({ stopped: 'by hand', resume: 'now' });
    await one.notes.change(() => ({ count: '1' }));

    expect(annotations).toEqual({ stopped: 'by hand', resume: 'now', count: '1' });
    await restored.stop();
  });

  it('says so when there is no lease', async () => {
    const refused = process('one').notes.change(() => ({ a: '1' }));

    await expect(refused).rejects.toBeInstanceOf(KubernetesError);
  });
});
