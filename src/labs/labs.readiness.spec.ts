import { describe, expect, it } from 'vitest';
import { MemoryLog } from '../../test/support/memory-log.js';
import { QuickClock } from '../../test/support/quick-clock.js';
import type { AppSettings } from '../config/index.js';
import type { LabView } from './lab.view.js';
import { LabStatusService } from './lab-status.service.js';
import type { LabsAdoption } from './labs.adoption.js';
import { LabsReadiness } from './labs.readiness.js';

const adoptionOf = (name: string) =>
  ({
    pending: () => [name],
    isPendingFor: (asked: string) => asked === name,
  }) as unknown as LabsAdoption;

const readiness = (synced: boolean): LabsReadiness =>
  new LabsReadiness({ synced } as unknown as LabView, adoptionOf('eve'), new QuickClock(2_000));

function statesOf(some: object, adoption: LabsAdoption, factor: number): LabStatusService {
  const view = some as unknown as LabView;
  const ready = new LabsReadiness(view, adoption, new QuickClock(factor));
  return new LabStatusService(view, ready, {} as unknown as AppSettings, new MemoryLog());
}

describe('LabsReadiness', () => {
  it('tells whoever asks for a lab that cannot be adopted how to learn what it lacks', async () => {
    await expect(readiness(true).hold('eve')).rejects.toMatchObject({
      status: 503,
      code: 'not_ready',
      message: expect.stringContaining('berth adopt --dry-run says what it lacks') as string,
    });
  });

  it('says to ask again while the cluster is being read', async () => {
    await expect(readiness(false).hold('eve')).rejects.toMatchObject({
      code: 'not_ready',
      message: expect.stringContaining('ask again in a minute') as string,
    });
  });

  it('holds nobody up for the lab of another', async () => {
    await expect(readiness(true).hold('vera')).resolves.toBeUndefined();
  });

  it.each([false, true])('lists no labs before all are known; caches filled: %s', async (synced) => {
    const states = statesOf({ synced, labs: { list: () => [] } }, adoptionOf('eve'), 100);

    await expect(states.list()).rejects.toMatchObject({ status: 503, code: 'not_ready' });
  });

  it('lists them as soon as all are known', async () => {
    const view = { synced: false, labs: { list: () => [] } };
    const nothing = { pending: () => [] } as unknown as LabsAdoption;

    const listed = statesOf(view, nothing, 10).list();
    view.synced = true;

    expect(await listed).toEqual([]);
  });
});
