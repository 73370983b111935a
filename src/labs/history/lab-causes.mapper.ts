import { later, seconds } from '../../common/units.js';
import type { Instant } from '../../common/units.js';
import { silenced } from '../causes/index.js';
import type { Addressee, Lab, LedgerEntry } from '../lab.js';
import { storyOf } from '../lab.ledger.js';
import type { Telling } from '../lab.ledger.js';
import type { Silence } from '../lab.observed.js';
import { phaseOf } from '../lab.phase.js';
import type { CauseGroup } from '../lab.views.js';

/** What the present is compared with, from now; what came since is recent. */
const BEFORE = seconds(-300);
/** As many names as help to look; the count says how many there are. */
const MOST_NAMES = 10;

/** One lab that does not run as it should, and since when. */
interface Trouble {
  readonly user: string;
  readonly kind: 'waiting' | 'failed' | 'running';
  readonly reason: string;
  readonly message: string;
  readonly remedy: string | null;
  readonly who: Addressee | null;
  readonly since: Instant;
}

/**
 * All labs that wait, failed, or are `unheard` of because their node is silent, by reason, the largest group first: why
 * can't the class start?
 */
export function causesOf(
  labs: readonly Lab[],
  now: Instant,
  unheard: ReadonlyMap<string, Silence> = new Map(),
): readonly CauseGroup[] {
  const then = later(now, BEFORE);
  const groups = new Map<string, Trouble[]>();
  const before = new Map<string, number>();
  for (const lab of labs) {
    const trouble = troubleOf(lab, unheard.get(lab.name));
    const reason = reasonAt(lab, trouble, then);
    if (reason !== undefined) before.set(reason, (before.get(reason) ?? 0) + 1);
    if (!trouble) continue;
    const group = groups.get(trouble.reason);
    if (group) group.push(trouble);
    else groups.set(trouble.reason, [trouble]);
  }
  const told = Array.from(groups, ([reason, group]) => groupOf(group, before.get(reason) ?? 0, then));
  return told.sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1));
}

function troubleOf(lab: Lab, silence: Silence | undefined): Trouble | undefined {
  const phase = phaseOf(lab);
  if (phase === 'pending') return waiting(lab);
  // What was last heard of its notebook is as old as the silence, which is what an operator must look at.
  if (phase === 'running' && silence)
    return troubleWith(lab, 'running', silenced(silence.node), silence.since);
  const { failure, conditions } = lab.record;
  const isBroken = conditions.some(({ type, status }) => type === 'Ready' && status === 'False');
  if (!failure || !(phase === 'failed' || (phase === 'running' && isBroken))) return undefined;
  const { reason, cause: message, remedy, who, at: since } = failure;
  return { user: lab.wish.owner.username, kind: 'failed', reason, message, remedy, who, since };
}

/** What it waits for, be it trouble or merely how far it is. */
function waiting(lab: Lab): Trouble | undefined {
  const standing = standingOf(lab);
  return standing && troubleWith(lab, 'waiting', standing, standing.at);
}

function troubleWith(lab: Lab, kind: Trouble['kind'], telling: Telling, since: Instant): Trouble {
  const { reason, message, remedy = null, who = null } = telling;
  return { user: lab.wish.owner.username, kind, reason, message, remedy, who, since };
}

/**
 * The condition says what holds as of the last write. The story's last word need not: a kubelet's events may come after
 * the pod's status, so that *pulling* is told after the registry that can't be reached, which is told once only.
 */
function standingOf(lab: Lab): LedgerEntry | undefined {
  const story = storyOf(lab);
  const holds = lab.record.conditions.find(({ type, status }) => type === 'Progressing' && status === 'True');
  return story.findLast(({ reason }) => reason === holds?.reason) ?? story.at(-1);
}

/**
 * What held the lab up then, which its story tells also of one that runs by now. By time, not by place: a kubelet's
 * older words may have been told late.
 */
function reasonAt(lab: Lab, trouble: Trouble | undefined, then: Instant): string | undefined {
  if (trouble && trouble.since <= then) return trouble.reason;
  let latest: LedgerEntry | undefined;
  for (const entry of storyOf(lab))
    if (entry.at <= then && (!latest || entry.at >= latest.at)) latest = entry;
  return latest?.reason;
}

function groupOf(group: readonly Trouble[], before: number, then: Instant): CauseGroup {
  const [latest] = [...group].sort((a, b) => b.since - a.since);
  const { reason = '', message = '', remedy = null, who = null } = latest ?? {};
  const count = group.length;
  return {
    reason,
    count,
    waiting: group.filter(({ kind }) => kind === 'waiting').length,
    failed: group.filter(({ kind }) => kind === 'failed').length,
    running: group.filter(({ kind }) => kind === 'running').length,
    message,
    remedy,
    who,
    users: group.slice(0, MOST_NAMES).map(({ user }) => user),
    since: Math.min(...group.map(({ since }) => since)) as Instant,
    recent: group.filter(({ since }) => since > then).length,
    trend: count > before ? 'rising' : count < before ? 'falling' : 'steady',
  };
}
