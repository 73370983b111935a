import type { Instant } from '../common/units.js';
import { act, firstOf, settled } from '../common/decision.js';
import type { Rule } from '../common/decision.js';
import { markBeforeStop } from './lab.adoption.policy.js';
import type { Decision, Step } from './lab.decision.js';
import type { Telling } from './lab.ledger.js';
import { isOursToForget } from './lab.marks.js';
import { currentProgress } from './lab.phase.js';
import { removeNamespace, removePod, removeRequests } from './lab.removal.policy.js';
import type { ObservedLab } from './lab.observed.js';

/** Takes a lab down: request, pod, namespace, then the record, then its label (contract 6.6, design section 5). */
export function decideStop(seen: ObservedLab, now: Instant): Decision {
  return firstOf(RULES, seen, now) ?? act('stopped', { do: 'record', record: stopped(seen) });
}

const RULES: readonly Rule<ObservedLab, Step>[] = [
  // Somebody stopped the lab by kubectl: that is a new operation, and streams need its id.
  (seen) =>
    seen.lab.wish.operation.kind === 'stop'
      ? undefined
      : (markBeforeStop(seen) ?? act('stopped_by_hand', { do: 'begin_stop' })),
  ({ lab }) => {
    if (currentProgress(lab)?.ended === undefined || currentProgress(lab)?.ended === null) return undefined;
    if (!lab.beingDeleted) return act('stopped', { do: 'label_stopped' });
    return isOursToForget(lab) ? act('forgotten', { do: 'forget' }) : settled('kept_by_others');
  },
  (seen) => removeRequests(seen),
  (seen, now) => (isOurs(seen) ? removePod(seen, now) : undefined),
  (seen, now) => (isOurs(seen) ? removeNamespace(seen, now) : undefined),
];

const isOurs = ({ namespace }: ObservedLab): boolean =>
  namespace?.owner === 'this_operation' || namespace?.owner === 'remains';

/** Progress 25 is the first entry, which costs no write. */
const stopped = ({ lab }: ObservedLab) =>
  ({
    phase: 'stopped',
    tellings: [
      { reason: 'namespace_deleting', message: 'Deleting user namespace', progress: 62 },
      { reason: 'lab_deleted', message: `Lab for ${lab.wish.owner.username} deleted`, progress: 100 },
    ] satisfies Telling[],
    ended: 'succeeded',
    lifeEnd: 'stopped',
  }) as const;
