import { afterAll, beforeAll, expect, it } from 'vitest';
import { instant } from '../../../src/common/units.js';
import type { Lab } from '../../../src/labs/lab.js';
import { labOf } from '../../../src/labs/lab.mapper.js';
import { newLab, statusPatch } from '../../../src/labs/lab.patches.js';
import type { LabResource } from '../../../src/labs/lab.resource.js';
import { aLab } from '../../gen/lab.gen.js';
import { Api, type JsonPatch, type Refusal } from '../support/api.js';
import { installCrds } from '../support/crds.js';
import { freshNamespace } from '../support/namespaces.js';
import { describeReal } from '../support/shared-cluster.js';

const NOW = instant(Date.UTC(2026, 10, 21, 9, 0, 1));
const CONTEXT = {
  deadline: instant(NOW + 600_000),
  internalUrl: 'http://lab.userlabs-rachel:8888/',
  now: NOW,
};

describeReal('our custom resources on a real API server', (cluster) => {
  const api = new Api(cluster);
  let path = '';
  let namespace = '';

  beforeAll(async () => {
    await installCrds(api);
    namespace = await freshNamespace(api, 'crds');
    path = `/apis/berth.dev/v1alpha1/namespaces/${namespace}/labs`;
  });
  afterAll(() => api.close());

  const aWrittenLab = async (name: string): Promise<Lab> => {
    const { body } = await api.create<LabResource>(path, newLab(name, namespace, aLab().wish));
    const lab = labOf(body);
    if (!lab) throw new Error('the server keeps too little of a Lab');
    return lab;
  };
  const record = (lab: Lab, message: string): JsonPatch => {
    const tellings = [{ reason: 'test', message, progress: 5 }];
    return statusPatch(lab, { phase: 'pending', tellings }, CONTEXT).operations;
  };
  const reread = async (lab: Lab): Promise<Lab> => {
    const read = labOf((await api.get<LabResource>(`${path}/${lab.name}`)).body);
    if (!read) throw new Error('the server keeps too little of a Lab');
    return read;
  };

  it('are accepted and established, with all their names', async () => {
    const crds = await installCrds(api);

    expect(crds.map(({ metadata }) => metadata.name)).toContain('labs.berth.dev');
    for (const { status } of crds) {
      expect(status.conditions).toContainEqual(
        expect.objectContaining({ type: 'NamesAccepted', status: 'True' }),
      );
      expect(status.conditions).not.toContainEqual(
        expect.objectContaining({ type: 'NonStructuralSchema', status: 'True' }),
      );
    }
  });

  it('keep every field that Berth writes into a spec', async () => {
    const lab = newLab('whole', namespace, aLab().wish);

    const answer = await api.create(path, lab);

    expect(answer.status).toBe(201);
    expect(answer.warnings).toEqual([]);
    expect(answer.body.spec).toEqual(lab.spec);
  });

  it('drop a status that comes with the creation', async () => {
    const lab = { ...newLab('early', namespace, aLab().wish), status: { phase: 'running' } };

    const { body } = await api.create(path, lab);

    expect(body.status).toBeUndefined();
  });

  it('ignore a status that comes by the main path', async () => {
    const { name } = await aWrittenLab('main-path');

    const { status, body } = await api.patch(`${path}/${name}`, [
      { op: 'add', path: '/status', value: { phase: 'running' } },
    ]);

    expect(status).toBe(200);
    expect(body.status).toBeUndefined();
  });

  it('ignore a spec that comes by the status path', async () => {
    const { name } = await aWrittenLab('status-path');

    const { status, body } = await api.patch(`${path}/${name}/status`, [
      { op: 'replace', path: '/spec/desiredState', value: 'stopped' },
      { op: 'add', path: '/status', value: { phase: 'pending' } },
    ]);

    expect(status).toBe(200);
    expect(body).toMatchObject({ spec: { desiredState: 'running' }, status: { phase: 'pending' } });
  });

  /**
   * @promise nothing is special
   * @fault a field that the installed schema does not know
   * @outcome it is lost with a warning, which is why start refuses an older schema
   */
  it('lose what the schema does not know, with a 200 and a warning', async () => {
    const { name } = await aWrittenLab('pruned');

    const answer = await api.patch(`${path}/${name}`, [
      { op: 'add', path: '/spec/surprise', value: 'kept?' },
    ]);

    expect(answer.status).toBe(200);
    expect(answer.body.spec).not.toHaveProperty('surprise');
    expect(answer.warnings).toEqual(['299 - "unknown field \\"spec.surprise\\""']);
  });

  it('refuse a value outside its list, naming field and reason', async () => {
    const lab = newLab('wrong', namespace, aLab().wish);
    const wrong = { ...lab, spec: { ...lab.spec, desiredState: 'maybe' } };

    const { status, body } = await api.create<Refusal>(path, wrong);

    expect(status).toBe(422);
    expect(body).toMatchObject({
      reason: 'Invalid',
      details: { causes: [{ reason: 'FieldValueNotSupported', field: 'spec.desiredState' }] },
    });
  });

  it('take the status writes of Berth, entry by entry', async () => {
    const lab = await aWrittenLab('ledger');

    const first = await api.patch(`${path}/ledger/status`, record(lab, 'one'));
    const second = await api.patch(`${path}/ledger/status`, record(await reread(lab), 'two'));

    expect([first.status, second.status]).toEqual([200, 200]);
    expect([...first.warnings, ...second.warnings]).toEqual([]);
    const { record: kept } = await reread(lab);
    expect(kept.ledger.map(({ number, message }) => [number, message])).toEqual([
      [2, 'one'],
      [3, 'two'],
    ]);
    expect(kept.operation).toMatchObject({ id: lab.wish.operation.id, last: 3 });
  });

  /**
   * @promise nothing is lost
   * @fault a writer who missed the last write of a record writes its status
   * @outcome it is refused by the API server; no entry of the ledger is lost
   */
  it('refuse the status write of somebody who missed the last one, and lose no entry', async () => {
    const lab = await aWrittenLab('stale');
    await api.patch(`${path}/stale/status`, record(lab, 'one'));
    const seen = await reread(lab);
    await api.patch(`${path}/stale/status`, record(seen, 'two'));

    const { status, body } = await api.patch<Refusal>(`${path}/stale/status`, record(seen, 'mine'));

    expect(status).toBe(422);
    expect(body).toMatchObject({ reason: 'Invalid' });
    const { record: kept } = await reread(lab);
    expect(kept.ledger.map(({ message }) => message)).toEqual(['one', 'two']);
  });

  it('refuse the first status write of an operation over a newer version of the Lab', async () => {
    const lab = await aWrittenLab('outdated');
    await api.patch(`${path}/outdated`, [{ op: 'add', path: '/metadata/annotations', value: { a: 'b' } }]);

    const { status } = await api.patch(`${path}/outdated/status`, record(lab, 'one'));

    expect(status).toBe(422);
  });

  /**
   * @promise nothing is lost
   * @fault two append to one ledger at the same time
   * @outcome one of them wins, the other is refused and reads again
   */
  it('let one of two racing appends win, never both', async () => {
    const lab = await aWrittenLab('race');
    await api.patch(`${path}/race/status`, record(lab, 'one'));
    const seen = await reread(lab);

    const answers = await Promise.all(
      ['a', 'b', 'c', 'd'].map((message) => api.patch(`${path}/race/status`, record(seen, message))),
    );

    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect((await reread(lab)).record.ledger).toHaveLength(2);
  });

  it('hold at most 64 entries of a ledger', async () => {
    const lab = await aWrittenLab('full');
    const entry = {
      at: '2026-11-21T09:00:00Z',
      event: 'info',
      reason: 'test',
      severity: 'info',
      message: 'm',
    };
    const ledger = Array.from({ length: 65 }, (_, index) => ({ ...entry, number: index + 2 }));

    const { status, body } = await api.patch<Refusal>(`${path}/${lab.name}/status`, [
      { op: 'add', path: '/status', value: { ledger } },
    ]);

    expect(status).toBe(422);
    expect(body.message).toContain('must have at most 64 items');
  });

  /**
   * @promise nothing is lost
   * @fault somebody deletes a record
   * @outcome it stays until its lab is stopped, because its finalizer does
   */
  it('stay while their finalizer does, when somebody deletes them', async () => {
    const lab = await aWrittenLab('held');

    const { status, body } = await api.remove(`${path}/${lab.name}`);

    expect(status).toBe(200);
    expect(body.metadata.deletionTimestamp).toBeDefined();
    expect((await reread(lab)).beingDeleted).toBe(true);
  });
});
