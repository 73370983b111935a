import { expect, it } from 'vitest';

import { CALL_FAULTS, canMeet } from './call-faults.js';
import type { CallFault, FaultAction } from './call-faults.js';
import { PLACES, Run } from './converge-run.js';
import type { Counts, Point, Scenario } from './converge-run.js';
import { pooled } from './work.js';

export type { Scenario, Stage } from './converge-run.js';

/** A spec: the flow comes to the same end when the process dies before, at and after each of its requests. */
export function itConverges<Process>(scenario: Scenario<Process>): void {
  const { name, every = 1 } = scenario;
  it(`${name}: comes to the same end after a crash at every call`, timed(scenario), async () => {
    const undisturbed = await new Run(scenario).undisturbed();
    const points = undisturbed.counts.requests
      .flatMap((_, index) => PLACES.map((at): Point => ({ request: index + 1, at })))
      .filter((_, index) => index % every === 0);
    const failures: string[] = [];
    const dead: Promise<unknown>[][] = [];
    let reached = 0;
    const attempt = async (point: Point): Promise<void> => {
      const where = `${point.at} request ${point.request} (${undisturbed.counts.requests[point.request - 1] ?? ''})`;
      try {
        const run = new Run(scenario);
        dead.push(run.leftovers);
        if (await run.crashing(point, undisturbed.picture)) reached += 1;
      } catch (error) {
        failures.push(`${where}: ${error instanceof Error ? error.message : String(error)}`);
      }
    };
    await pooled(points, attempt, scenario.atOnce);
    await Promise.all(dead.flat());
    console.log(summary(scenario, undisturbed.counts, { tried: points.length, reached }));
    expect(failures).toEqual([]);
    if (every === 1) expect(points).toHaveLength(3 * undisturbed.counts.requests.length);
    // A run may need one request less than the undisturbed one; its last points then come after the end.
    if (every === 1) expect(reached / points.length).toBeGreaterThan(0.7);
  });
}

const timed = ({ limitMs }: Scenario<unknown>): { readonly timeout?: number } =>
  limitMs === undefined ? {} : { timeout: limitMs };

function summary(
  { name, every = 1 }: Scenario<unknown>,
  { requests, watches, leases }: Counts,
  { tried, reached }: { readonly tried: number; readonly reached: number },
): string {
  const share = every === 1 ? `= 3 x ${requests.length} requests` : `of 3 x ${requests.length}`;
  const aside = `not counted: ${watches} watches, ${leases} lease requests`;
  return `${name}: ${tried} crash points ${share} (${tried - reached} came after the end; ${aside})`;
}

/** Answers that end an attempt; what they lead to is a matter of the reconciler. */
const REFUSALS: readonly CallFault[] = ['410', '422', 'too large'];

const PASSING: Readonly<Record<string, FaultAction>> = Object.fromEntries(
  Object.entries(CALL_FAULTS).filter(([name]) => !(REFUSALS as readonly string[]).includes(name)),
);

/** A spec: the flow comes to the same end when any one of its requests meets any one of the faults, refusals aside. */
export function itEndures<Process>(
  scenario: Scenario<Process>,
  faults: Readonly<Record<string, FaultAction>> = PASSING,
): void {
  const { name, every = 1 } = scenario;
  it(`${name}: comes to the same end after a fault at every call`, timed(scenario), async () => {
    const { counts, picture } = await new Run(scenario).undisturbed();
    const cases = counts.requests
      .flatMap((call, index) =>
        Object.entries(faults)
          .filter(([fault]) => canMeet(fault, call))
          .map(([fault, action]) => ({ call, request: index + 1, fault, action })),
      )
      .filter((_, index) => index % every === 0);
    const failures: string[] = [];
    let met = 0;
    const attempt = async ({ call, request, fault, action }: (typeof cases)[number]): Promise<void> => {
      try {
        if (await new Run(scenario).enduring(request, action, picture)) met += 1;
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        failures.push(`${fault} at request ${request} (${call}): ${why}`);
      }
    };
    await pooled(cases, attempt, scenario.atOnce);
    console.log(`${name}: ${cases.length} faults at ${counts.requests.length} calls, ${met} met`);
    expect(failures).toEqual([]);
    expect(met / cases.length).toBeGreaterThan(0.7);
  });
}
