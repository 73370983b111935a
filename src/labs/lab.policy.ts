import type { Instant } from '../common/units.js';
import { act } from '../common/decision.js';
import { isOutlived, markBeforeStop } from './lab.adoption.policy.js';
import type { Decision } from './lab.decision.js';
import { decideLife } from './lab.life.policy.js';
import type { ObservedLab } from './lab.observed.js';
import { currentProgress } from './lab.phase.js';
import { decideSpawn } from './lab.spawn.policy.js';
import { decideStop } from './lab.stop.policy.js';

/** The rule book of labs: what to do next about one of them. Pure; the same input gives the same answer anywhere. */
export function decideLab(seen: ObservedLab, now: Instant): Decision {
  const { lab } = seen;
  if (lab.wish.desiredState === 'stopped') return decideStop(seen, now);
  if (lab.beingDeleted) return markBeforeStop(seen) ?? act('resource_deleted', { do: 'begin_stop' });
  if (isOutlived(seen)) return act('outlived', { do: 'adopt' });
  if (currentProgress(lab)?.ended) return decideLife(seen, now);
  return decideSpawn(seen, now);
}
