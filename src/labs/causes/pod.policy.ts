import type { Instant } from '../../common/units.js';
import type { Telling } from '../lab.ledger.js';
import type { ObservedContainer, ObservedPod } from '../lab.observed.js';
import { cause, ofUnchosen, placeOf } from './cause.js';
import type { Cause, Surroundings } from './cause.js';
import { configuration, crash } from './container.policy.js';
import { over } from './end.policy.js';
import { pull } from './pull.policy.js';
import { containersOf } from './setbacks.js';
import { gated, unscheduled } from './scheduling.policy.js';

/** Everything that stands in a pod's way, the certain first. Empty for a pod that is merely on its way. */
export function causesOf(pod: ObservedPod, now: Instant, around: Surroundings = {}): readonly Cause[] {
  const found = [
    over(pod),
    ...containersOf(pod).map((one) => ofContainer(one, pod, { now, around })),
    node(pod, around),
  ];
  const causes = found.filter((one): one is Cause => one !== undefined);
  return [...causes.filter((one) => one.certain), ...causes.filter((one) => !one.certain)];
}

function ofContainer(
  container: ObservedContainer,
  pod: ObservedPod,
  { now, around }: { readonly now: Instant; readonly around: Surroundings },
): Cause | undefined {
  const setback = around.setbacks?.get(placeOf(pod.uid, container.name));
  const found = pull(container, setback) ?? configuration(container, setback, now) ?? crash(container, pod);
  if (!found || container === pod.notebook) return found;
  return { ...found, telling: ofUnchosen(found.telling) };
}

/** A running lab whose node is silent: it may be alive, so it is left alone, and told of. */
export const silenced = (node: string): Telling =>
  cause('node_silent', `Node ${node}, which runs the lab, does not report; the lab is left alone`, {})
    .telling;

function node(pod: ObservedPod, around: Surroundings): Cause | undefined {
  if (pod.gated !== undefined) return gated(pod.gated);
  if (pod.node !== undefined && around.node === 'not_ready')
    return cause('node_silent', `Node ${pod.node}, which was to start the lab, does not report`, {});
  return pod.unschedulable === undefined ? undefined : unscheduled(pod.unschedulable, around);
}
