import { afterEach, describe, expect, it } from 'vitest';

import { READS, openMany, startFileWorld } from '../../test/support/file-budget.js';
import type { FileWorld } from '../../test/support/file-budget.js';
import { FILES, aUser, storedServer } from '../../test/support/file-room.js';
import { until } from '../../test/support/until.js';

describe('the budget of requests for file servers', { timeout: 60_000 }, () => {
  let world: FileWorld | undefined;

  afterEach(async () => {
    await world?.close();
  });

  it('opens many at once: three objects, the record and its end each, and no read', async () => {
    world = await startFileWorld();

    const urls = await openMany(world, 40);

    expect(new Set(urls).size).toBe(40);
    const { objects, beyond, reads, events } = world.counted();
    expect([objects, beyond, reads]).toEqual([3 * 40, 2 * 40, 0]);
    expect(events).toBeLessThanOrEqual(40);
  });

  it('stops one with five writes, and is silent about what is settled', async () => {
    world = await startFileWorld();
    const { cluster, process, records, counted } = world;

    await process.files.remove('first');
    const { objects, beyond } = counted();
    await until(() => storedServer(cluster, 'first')?.status?.phase === 'stopped', 'its end');
    await process.files.open(aUser('second'));
    records.length = 0;
    await fetch(`${cluster.api.url}/api/v1/namespaces/${FILES}/services`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ metadata: { name: 'stranger-fs' }, spec: { ports: [{ port: 80 }] } }),
    });
    await process.files.open(aUser('second'));
    await new Promise((resolve) => setTimeout(resolve, 100));

    // Route, Service and Job; the wish and the record.
    expect([objects, beyond]).toEqual([3, 2]);
    const written = records.filter(({ verb, resource }) => !READS.has(verb) && resource !== 'events');
    expect(written).toEqual([]);
  });
});
