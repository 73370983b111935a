import { describe, expect, it } from 'vitest';

import { everyLastingFault, lastingTable } from '../support/lasting-run.js';
import type { LastingResult } from '../support/lasting-run.js';

const AGAIN = new Set(['429', '500', '503']);
const END_TO_END = ['create our labs', 'create our secrets', 'get our labs', 'patch our labs'];

/** What is to come of a fault that lasts: what the client hears meanwhile, and the end when it is gone. */
function expected({ call, fault }: LastingResult, flow: string): readonly [RegExp, RegExp] {
  if (flow === 'stop') return [/^error delete_failed$/, /^error delete_failed$/];
  // The client of these is asked to come again, or told that its lab is in the way.
  if (END_TO_END.includes(call)) {
    const error = /^error (not_ready|kubernetes_error|operation_in_progress)$/;
    return [error, error];
  }
  if (call === 'patch our labs/status') return [/^record_refused$/, /^complete$/];
  if (call.startsWith('delete our') || call === 'create our events') return [/^complete$/, /^complete$/];
  if (call.startsWith('delete')) return [/^removal_refused$/, /^complete$/];
  if (AGAIN.has(fault)) return [/^cluster_not_ready$/, /^complete$/];
  // A look that is refused for good tells nothing: the account is made all the same.
  if (call === 'get serviceaccounts') return [/^complete$/, /^complete$/];
  return [/^failed as object_refused$/, /^failed as object_refused$/];
}

describe('a fault that lasts', () => {
  /**
   * @promise nothing is hidden
   * @fault one kind of request of a spawn, a stop or a recreation is answered with 403, 422, 429, 500, 503 or “too large”, again and again
   * @outcome whoever waits gets a typed error, a typed cause or the end while it lasts; once it is gone the lab comes up, and nothing is half made
   */
  it.each(['spawn', 'stop', 'recreate'] as const)(
    'comes to a typed end or an honest wait: %s',
    async (name) => {
      const results = await everyLastingFault(name);

      console.log(`${name}: ${results.length} lasting faults\n${lastingTable(results)}`);
      const wrong = results.filter((result) => {
        const [meanwhile, after] = expected(result, name);
        return !meanwhile.test(result.meanwhile) || !after.test(result.after);
      });
      expect(wrong).toEqual([]);
      expect(results.length).toBeGreaterThan(20);
    },
  );
});
