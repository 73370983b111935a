import { describe, expect, it } from 'vitest';

import { openMany, startFileWorld } from '../../support/file-budget.js';

describe('file servers for everybody', () => {
  it('opens for 500 users at once, refuses none, and keeps to its budget', async () => {
    const world = await startFileWorld();

    const urls = await openMany(world, 500);
    const { objects, beyond, reads } = world.counted();
    await world.close();

    expect(new Set(urls).size).toBe(500);
    expect([objects, beyond, reads]).toEqual([1500, 1000, 0]);
  });
});
