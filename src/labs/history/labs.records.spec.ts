import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Cluster } from '../../../simulator/cluster.js';
import {
  aCreate,
  imageOf,
  someRuntimeSettings,
  startLabCluster,
  startRuntime,
  storyOf,
} from '../../../test/support/labs-runtime.js';
import type { Runtime } from '../../../test/support/labs-runtime.js';
import { stored } from '../../../test/support/cluster-shapes.js';
import { bytes, milliCpu } from '../../common/units.js';
import { REASONS, type ReasonCode } from '../causes/index.js';
import type { LabResource } from '../lab.resource.js';
import { until } from '../../../test/support/until.js';
import { LabDryRun } from '../dry-run/lab-dry-run.service.js';
import { LabView } from '../lab.view.js';
import { LabExists, UnknownUser } from '../labs.errors.js';
import { LabRecordsService } from './lab-records.service.js';

describe('records of labs', () => {
  let cluster: Cluster;
  let runtime: Runtime;
  let records: LabRecordsService;

  beforeAll(async () => {
    cluster = await startLabCluster({
      scripts: { 'science/missing': { failure: 'imageMissing' } },
      timeScale: 0.02,
    });
    runtime = await startRuntime({
      kubeconfig: cluster.kubeconfig('berth'),
      settings: someRuntimeSettings(),
    });
    await runtime.readiness.whenReady();
    records = runtime.get(LabRecordsService);
  });

  afterAll(async () => {
    await runtime.close();
    await cluster.close();
  });

  const spawned = async (user: string, image?: string): Promise<void> => {
    await runtime.labs.create(aCreate(user, image));
    await storyOf(runtime.labs, user);
  };

  it('tell why a lab did not start, with what helps and who can do it', async () => {
    await spawned('ada', 'missing');

    const history = await records.history('ada', { uid: 1101 });

    expect(history.current).toBeNull();
    expect(history.lives).toMatchObject([
      { end: 'image_missing', remedy: 'Choose another image', who: 'user', image: imageOf('missing') },
    ]);
    expect(history.lives[0]?.cause).toContain('does not exist');
  });

  it('keep the end of the last words of a lab that crashed, for its owner, an administrator and kubectl', async () => {
    const lastWords = `Traceback (most recent call last):\n${'  File "/opt/lab.py", line 7\n'.repeat(20)}OSError: [Errno 122] Disk quota exceeded`;
    cluster.kubelets.setScript('science/broken', { failure: 'crash', exitCode: 1, lastWords });
    const saved = () =>
      (stored(cluster, 'labs.berth.dev') as unknown as readonly LabResource[]).find(
        ({ metadata }) => metadata?.name === 'cleo',
      )?.status;
    await spawned('cleo', 'broken');
    await until(() => saved()?.failure !== undefined, 'the crash is known', 20_000);
    const reason = saved()?.failure?.reason as ReasonCode;
    const { current } = await records.history('cleo', { uid: 1101 });
    await runtime.labs.remove('cleo');

    const owners = await records.history('cleo', { uid: 1101 });
    const administrators = await records.history('cleo', {});

    expect(owners.lives).toMatchObject([{ end: 'stopped', image: imageOf('broken').split('@')[0] }]);
    expect(owners.lives[0]?.remedy).toBe(REASONS[reason].remedy);
    for (const each of [current, owners.lives[0], administrators.lives[0], saved()?.past?.[0]]) {
      expect(each?.cause).toMatch(/^The lab crashed \(exit code 1\); restarted (once|\d+ times) so far \(/);
      expect(each?.cause).toMatch(/OSError: \[Errno 122\] Disk quota exceeded\)$/);
    }
    await expect
      .poll(() => JSON.stringify(stored(cluster, 'events')))
      .toContain('OSError: [Errno 122] Disk quota exceeded');
  });

  it('tell of the life that goes on, and of it as over when it was stopped', async () => {
    await spawned('bob');
    const during = await records.history('bob', { uid: 1101 });
    await runtime.labs.remove('bob');
    const afterwards = await records.history('bob', { uid: 1101 });

    expect(during).toMatchObject({ current: { phase: 'running', cause: null }, lives: [] });
    expect(afterwards.current).toBeNull();
    expect(afterwards.lives).toHaveLength(1);
  });

  it('are found under whatever name a person has, and under no other', async () => {
    for (const name of ['Zoë O’Hara', 'kube-system', 'zo--x0123456789']) {
      await spawned(name, 'missing');

      expect(await records.history(name, { uid: 1101 })).toMatchObject({
        username: name,
        lives: [{ end: 'image_missing' }],
      });
    }
    for (const other of ['zoë o’hara', 'Zoe O’Hara', 'zo'])
      await expect(records.history(other, { uid: 1101 })).rejects.toBeInstanceOf(UnknownUser);
  });

  it('tell nothing to somebody who has the name now', async () => {
    await spawned('cy', 'missing');

    await expect(records.history('cy', { uid: 4711 })).rejects.toBeInstanceOf(UnknownUser);
    await expect(records.history('nobody', {})).rejects.toBeInstanceOf(UnknownUser);
  });

  it('are erased with the person, but not while a lab lives', async () => {
    await spawned('di');

    await expect(records.erase('di')).rejects.toBeInstanceOf(LabExists);
    await runtime.labs.remove('di');
    await records.erase('di');

    await expect(records.history('di', {})).rejects.toBeInstanceOf(UnknownUser);
    await expect(records.erase('di')).rejects.toBeInstanceOf(UnknownUser);
    expect(cluster.api.store.dump('labs.berth.dev').map(({ metadata }) => metadata.name)).not.toContain('di');
  });

  it('stay when a spawn is accepted just before they would be erased', async () => {
    await spawned('don');
    await runtime.labs.remove('don');
    const { labs } = runtime.get(LabView);
    const erase = labs.erase.bind(labs);
    const first = vi.spyOn(labs, 'erase').mockImplementationOnce(async (name, only) => {
      await runtime.labs.create(aCreate('don'));
      return erase(name, only);
    });

    await expect(records.erase('don')).rejects.toBeInstanceOf(LabExists);
    expect((await storyOf(runtime.labs, 'don')).at(-1)?.entry.event).toBe('complete');
    expect(first).toHaveBeenCalledTimes(1);
  });

  it('show in `kubectl get labs` why a lab waits or failed, and what it came to', async () => {
    cluster.kubelets.setScript('science/unreachable', { failure: 'registryUnreachable' });
    const path = `/apis/berth.dev/v1alpha1/namespaces/berth/labs`;
    const headers = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };
    const shown = async (name: string): Promise<unknown> => {
      const table = (await (await fetch(`${cluster.api.url}${path}/${name}`, { headers })).json()) as {
        columnDefinitions: readonly { name: string }[];
        rows: readonly { cells: readonly unknown[] }[];
      };
      const column = table.columnDefinitions.findIndex((one) => one.name === 'Reason');
      return table.rows[0]?.cells[column];
    };
    await runtime.labs.create(aCreate('kim', 'unreachable'));
    await spawned('kit');
    await spawned('kay', 'missing');

    await expect.poll(() => shown('kim'), { timeout: 20_000 }).toBe('registry_unreachable');
    await expect.poll(() => shown('kit')).toBe('complete');
    await expect.poll(() => shown('kay')).toBe('image_missing');
    for (const user of ['kim', 'kit', 'kay']) await runtime.labs.remove(user);
    await expect.poll(() => shown('kay')).toBe('image_missing');
    await expect.poll(() => shown('kit')).toBe('lab_deleted');
  });

  it('group what keeps labs from starting', async () => {
    await spawned('eve', 'missing');

    expect(records.causes().find(({ reason }) => reason === 'image_missing')?.users).toContain('eve');
  });

  it('are not needed to say what would come of a request, which writes nothing', async () => {
    const dry = await runtime.get(LabDryRun).run(aCreate('flo'));

    expect(dry.refusals).toEqual([]);
    expect(dry.objects.map((object) => (object as { kind: string }).kind)).toEqual(
      expect.arrayContaining(['Namespace', 'ConfigMap', 'Secret', 'Pod']),
    );
    expect(JSON.stringify(dry)).not.toContain('gt-token-of-flo');
    expect(JSON.stringify(dry)).not.toContain(Buffer.from('gt-token-of-flo').toString('base64'));
    const stored = ['namespaces', 'labs.berth.dev', 'secrets'].flatMap((kind) =>
      cluster.api.store.dump(kind),
    );
    expect(stored.filter(({ metadata }) => metadata.name.includes('flo'))).toEqual([]);
  });

  it('tell a rehearsal what would refuse it, in the contract’s order', async () => {
    await spawned('gil');
    const dryRun = runtime.get(LabDryRun);

    const exists = await dryRun.run(aCreate('gil'));
    const size = await dryRun.run(aCreate('hal', 'lab', { size: 'colossal' }));
    const quota = { cpu: milliCpu(500), memory: bytes(2 ** 30), spawn: true };
    const short = await dryRun.run(aCreate('ida', 'lab', { user: { ...aCreate('ida').user, quota } }));

    expect(exists.refusals).toMatchObject([{ status: 409, code: 'lab_exists' }]);
    expect(size).toMatchObject({ objects: [], refusals: [{ status: 422, code: 'invalid_lab_size' }] });
    expect(short).toMatchObject({
      refusals: [{ status: 403, code: 'insufficient_quota' }],
      quota: { limit: { cpu: 500, memory: 2 ** 30 }, wanted: { cpu: 1000 } },
    });
  });
});
