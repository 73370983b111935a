import { describe, expect, it } from 'vitest';
import { QuickClock } from '../../test/support/quick-clock.js';
import type { FileserverOpenService } from './fileserver-open.service.js';
import type { FileserverRemoveService } from './fileserver-remove.service.js';
import type { FileserverView } from './fileserver.view.js';
import type { FileserversAdoption } from './fileservers.adoption.js';
import { FileserversReadiness } from './fileservers.readiness.js';
import { EnabledFileservers } from './fileservers.service.js';

interface World {
  synced: boolean;
  pending: readonly string[];
}

function serversOf(world: World, factor: number): EnabledFileservers {
  const view = {
    get synced() {
      return world.synced;
    },
    servers: { list: () => [] },
  } as unknown as FileserverView;
  const adoption = { pending: () => world.pending } as unknown as FileserversAdoption;
  const readiness = new FileserversReadiness(view, adoption, new QuickClock(factor));
  return new EnabledFileservers(
    view,
    readiness,
    {} as unknown as FileserverOpenService,
    {} as unknown as FileserverRemoveService,
  );
}

describe('FileserversReadiness', () => {
  it.each([
    ['before the caches are filled', { synced: false, pending: [] }],
    ['while a server is still to be adopted', { synced: true, pending: ['eve'] }],
  ])('lists no servers %s', async (_when, world) => {
    await expect(serversOf(world, 2_000).list()).rejects.toMatchObject({ status: 503, code: 'not_ready' });
  });

  it('lists them as soon as all are known', async () => {
    const world: World = { synced: false, pending: [] };

    const listed = serversOf(world, 10).list();
    world.synced = true;

    expect(await listed).toEqual([]);
  });
});
