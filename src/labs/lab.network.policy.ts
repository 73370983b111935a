import { seconds } from '../common/units.js';
import type { Instant } from '../common/units.js';
import { act, wait } from '../common/decision.js';
import type { Decision } from './lab.decision.js';
import type { ObservedLab } from './lab.observed.js';

/** Until what was made again and is missing still is tried again: it was refused, or somebody does not tire of deleting it. */
export const BETWEEN_TRIES = seconds(30);
/** The same, where a stranger's object has its name: it is in nobody's watch, so only another try can tell that it went. */
export const BETWEEN_LOOKS = seconds(3600);

/**
 * Makes what leads to a lab again, without which its user can't reach it, or more people can than should. The caller has
 * made sure that the namespace is ours and stays.
 */
export function restoreNetwork(
  { namespace, missing, remembered }: ObservedLab,
  now: Instant,
): Decision | undefined {
  // They go first when a namespace goes.
  if (namespace?.terminating) return undefined;
  const due = missing.map((kind) => ({ kind, at: remembered.restored.get(kind) ?? now }));
  const [next] = due.sort((a, b) => a.at - b.at);
  if (!next) return undefined;
  if (now < next.at) return wait('network_missing', next.at);
  return act('network_missing', { do: 'restore_network', kind: next.kind });
}
