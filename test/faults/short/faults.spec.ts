import { describe, expect, it } from 'vitest';

import { itConverges, itEndures } from '../../support/converge.js';
import { SPAWN, STOP } from '../support/lab-flows.js';
import { PREPULL } from '../support/prepull-flows.js';
import { REFRESH, REGISTRY_FAULTS } from '../support/refresh-flows.js';
import { spawnUnder } from '../support/watch-run.js';
import type { Moment } from '../support/watch-run.js';
import type { WatchFault, WatchName } from '../support/watch-kinds.js';

/** A few of each kind; `npm run test:faults` tries them all. */
describe('a selection of crashes and faults', () => {
  itConverges({ ...SPAWN, every: 9 });
  itConverges({ ...STOP, every: 5 });
  itConverges({ ...PREPULL, every: 15 });
  itEndures({ ...REFRESH, every: 11 }, REGISTRY_FAULTS);

  it.each<[WatchName, WatchFault, Moment]>([
    ['labs', 'ERROR 410', 'as it lists'],
    ['pods', 'out of order after a relist', 'later'],
    ['namespaces', 'clean end', 'as it lists'],
    ['pod events', 'garbage line', 'later'],
  ])('brings a lab up and down although the watch of %s meets: %s, %s', async (watch, fault, moment) => {
    expect(await spawnUnder(watch, fault, moment)).toBe('complete');
  });
});
