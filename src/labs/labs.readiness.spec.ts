import { describe, expect, it } from 'vitest';
import { QuickClock } from '../../test/support/quick-clock.js';
import type { LabView } from './lab.view.js';
import type { LabsAdoption } from './labs.adoption.js';
import { LabsReadiness } from './labs.readiness.js';

const adoptionOf = (name: string) =>
  ({
    pending: () => [name],
    isPendingFor: (asked: string) => asked === name,
  }) as unknown as LabsAdoption;

const readiness = (synced: boolean): LabsReadiness =>
  new LabsReadiness({ synced } as unknown as LabView, adoptionOf('eve'), new QuickClock(2_000));

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
});
