import { describe, expect, it } from 'vitest';

import type { CallFault } from '../../support/call-faults.js';
import { RECREATE_CALLS, SPAWN_CALLS, STOP_CALLS } from '../support/call-run.js';
import { everyAdoptionCall, everyCall, tableOf } from '../support/call-suite.js';
import type { CallResult } from '../support/call-suite.js';

/** What a fault at a call leads to; all that is not named here changes nothing but the time it takes. */
type Expected = Readonly<Record<string, Partial<Record<CallFault, string>>>>;

const REFUSED = { '422': 'object_refused', 'too large': 'object_refused' } as const;
/** The client is told to come again, finds the half-written spawn in its way, and removes it first. */
const NOT_RECORDED = 'not_ready, operation_in_progress, complete';
const REQUEST = { '410': NOT_RECORDED, '422': NOT_RECORDED, 'too large': NOT_RECORDED } as const;
const RECORD_REFUSED = 'kubernetes_error, complete';

const SPAWN: Expected = {
  'create labs': { '422': RECORD_REFUSED, 'too large': RECORD_REFUSED },
  'create request': REQUEST,
  'create object': REFUSED,
};

/** A 422 without causes is a `test` that failed: read, and decide again. */
const RECREATE: Expected = {
  'patch labs': { 'too large': RECORD_REFUSED },
  'create request': REQUEST,
  'create object': REFUSED,
};

const FLOWS: readonly [string, string, Expected, () => Promise<readonly CallResult[]>][] = [
  ['spawn', 'complete', SPAWN, () => everyCall(SPAWN_CALLS)],
  [
    'stop',
    'stopped',
    { 'stop record': { 'too large': 'delete_failed, stopped' } },
    () => everyCall(STOP_CALLS),
  ],
  ['recreate over failed', 'complete', RECREATE, () => everyCall(RECREATE_CALLS)],
  ['adoption', 'complete', {}, everyAdoptionCall],
];

describe('a fault at each call', () => {
  /**
   * @promise nothing is lost
   * @fault any one request of a spawn, stop, recreation or adoption meets 409, 410, 422, 429, 500, 503, “too large”, a reset before or after the write, a hang, or a stale read
   * @outcome it ends as usual, or, where the cluster refuses for good, with a typed cause; nothing is left behind
   */
  it.each(FLOWS)('%s ends as the table says', async (name, usual, expected, play) => {
    const results = await play();

    console.log(`${name}: ${results.length} faults, one at each call\n${tableOf(results)}`);
    const wrong = results.filter(({ call, fault, ending }) => ending !== (expected[call]?.[fault] ?? usual));
    expect(wrong).toEqual([]);
  });
});
