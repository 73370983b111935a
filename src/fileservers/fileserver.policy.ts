import { untold } from '../common/ledger.js';
import type { Telling } from '../common/ledger.js';
import { later, seconds } from '../common/units.js';
import type { Instant } from '../common/units.js';
import { causeOf, endOf, nameTaken, nodeLost, overdue } from './fileserver.causes.js';
import { act, firstOf, settled, soonest, wait } from '../common/decision.js';
import { PARTS } from './fileserver.decision.js';
import type { Decision, Part, Rule, StatusRecord } from './fileserver.decision.js';
import { currentProgress } from './fileserver.js';
import { objectName } from './fileserver.names.js';
import { isReachable } from './fileserver.observed.js';
import type { ObservedPart, ObservedServer } from './fileserver.observed.js';
import { SILENCE, decideStop, deleteOnce, evict } from './fileserver.stop.policy.js';
import { TOLD, storyOf } from './fileserver.story.js';

/** Status writes that tell of what is on its way, and of a server that comes and goes, are at least so far apart. */
const PAUSE = seconds(5);
const READY_PAUSE = seconds(30);

/** The rule book of file servers: what to do next about one of them. Pure. */
export function decideServer(seen: ObservedServer, now: Instant): Decision {
  const { server } = seen;
  if (server.wish.desiredState === 'stopped') return decideStop(seen, now);
  if (server.beingDeleted) return act('resource_deleted', { do: 'begin_stop' });
  const ended = currentProgress(server)?.ended;
  if (ended === 'failed') return act('clean_up', { do: 'begin_stop' });
  if (ended === 'succeeded') return firstOf(LIFE, seen, now) ?? settled('running');
  return firstOf(START, seen, now) ?? wait('starting', nextLook(seen, now));
}

/** When a start has failed for want of time. */
export const deadlineOf = ({ server, terms }: ObservedServer): Instant =>
  later(server.wish.operation.acceptedAt, terms.creationTimeout);

/** When something may change without anybody telling. */
function nextLook(seen: ObservedServer, now: Instant): Instant {
  const { remembered, job, pod } = seen;
  const times = [deadlineOf(seen), ...(job && !pod ? [remembered.askAt] : [])];
  return Math.min(...times.filter((time) => time > now)) as Instant;
}

/** Of an adopted server the Nublado controller's objects, or those of a record that was lost, are as good as ours. */
function isUsable(seen: ObservedServer, part: ObservedPart | undefined): boolean {
  if (part === undefined || part.deleting || (part === seen.job && isUnguarded(seen))) return false;
  if (seen.server.wish.operation.kind === 'adopt') return part.owner !== 'foreign';
  return part.owner === 'mine';
}

/** Made when Gafaelfawr stood before it: published in another way, it would be open to everybody. */
const isUnguarded = ({ job, terms }: ObservedServer): boolean => terms.hasKey && job?.asks === false;

function failed(why: Telling): Decision {
  const cause = why.evidence === undefined ? why.message : `${why.message} (${why.evidence})`;
  const failure = { reason: why.reason, cause, remedy: why.remedy ?? null, who: why.who ?? null };
  const telling: Telling = { ...why, event: 'failed', severity: 'error' };
  const record: StatusRecord = { phase: 'failed', tellings: [telling], ended: 'failed', failure };
  return act(why.reason, { do: 'record', record });
}

/** The next object that is missing; parts only once what they need is there. */
const create: Rule = (seen) => {
  const { terms, remembered, server } = seen;
  const adopted = server.wish.operation.kind === 'adopt';
  if (!adopted && terms.hasClaims && !remembered.claimsMade)
    return act('claim_missing', { do: 'create_claim' });
  if (!adopted && terms.hasKey && !remembered.keyMade) return act('key_missing', { do: 'create_key' });
  const part = PARTS.find((one) => seen[one] === undefined);
  return part && act(`${part}_missing`, { do: 'create_part', part });
};

const foreign: Rule = (seen) => {
  const part = PARTS.find((one) => seen[one]?.owner === 'foreign');
  return part && failed(nameTaken(KINDS[part], objectName(seen.server.name)));
};
const KINDS: Readonly<Record<Part, string>> = { route: 'An ingress', service: 'Service', job: 'Job' };

const refusal: Rule = (seen) => seen.remembered.refusal && failed(seen.remembered.refusal);

/** Who may not make its pod says so in an event of the Job, which no watch of ours brings. */
const podless: Rule = ({ job, pod, remembered }, now) =>
  job && !pod && job.owner === 'mine' && !job.deleting && now >= remembered.askAt
    ? act('pod_missing', { do: 'ask_job', uid: job.uid })
    : undefined;

const late: Rule = (seen, now) => {
  if (now < deadlineOf(seen)) return undefined;
  return failed(overdue(seen, Math.round(seen.terms.creationTimeout / 1000)));
};

/** The Job has the last word on a pod that ended: one that was evicted for the node's sake is made again. */
const ended: Rule = (seen) => {
  const { job, pod } = seen;
  if (!isUsable(seen, job)) return undefined;
  if (job?.finished !== undefined) return failed(endOf(pod));
  const cause = pod && causeOf(pod);
  return cause?.certain === true ? failed(cause.telling) : undefined;
};

/** What an earlier operation, or a Nublado controller that left it half made, left in our way. */
const inTheWay: Rule = (seen, now) => {
  const part = PARTS.find((one) => seen[one] !== undefined && !isUsable(seen, seen[one]));
  if (!part) return undefined;
  const next = deleteOnce(seen, part) ?? evict(seen, now);
  if (next?.kind === 'act') return next;
  const until = next?.kind === 'wait' ? next.until : undefined;
  return soonest(wait('remains_going', until), deadlineOf(seen));
};

/** A live Job that another made becomes ours before it counts as running. */
function mark({ job, server }: ObservedServer): Decision | undefined {
  const isTheirs = job !== undefined && job.owner !== 'mine' && server.wish.operation.kind === 'adopt';
  return isTheirs ? act('unmarked', { do: 'mark_job', uid: job.uid }) : undefined;
}

/** A server that was there before us and lives is taken as it is: what it lacks is mended while it runs. */
const taken: Rule = (seen) => {
  const { job, pod, server } = seen;
  const lives = pod?.container.state === 'running' && !pod.over && pod.deletingUntil === undefined;
  if (server.wish.operation.kind !== 'adopt' || !lives || !isUsable(seen, job)) return undefined;
  return (
    mark(seen) ??
    act('adopted', {
      do: 'record',
      record: {
        phase: 'running',
        tellings: [TOLD.ready],
        ended: 'succeeded',
        ready: isReachable(seen),
      },
    })
  );
};

/** Asked before the time is: what is ready is ready, however late this process came to look. */
const ready: Rule = (seen) => {
  const allOurs = PARTS.every((part) => isUsable(seen, seen[part])) && seen.job?.owner === 'mine';
  if (!allOurs || !isReachable(seen)) return undefined;
  return act('ready', {
    do: 'record',
    record: { phase: 'running', tellings: [TOLD.ready], ended: 'succeeded' },
  });
};

/** What those who wait should know; written together, and seldom. */
const tell: Rule = (seen, now) => {
  const { pod, remembered, server } = seen;
  const cause = pod && causeOf(pod)?.telling;
  const news = untold(storyOf(server), [...remembered.details, ...(cause ? [cause] : [])]);
  if (news.length === 0) return undefined;
  const next = remembered.wroteAt === undefined ? now : later(remembered.wroteAt, PAUSE);
  if (now < next) return wait('tells_soon', next);
  return act('news', { do: 'record', record: { phase: 'pending', tellings: news } });
};

const START: readonly Rule[] = [
  refusal,
  ended,
  taken,
  foreign,
  ready,
  podless,
  late,
  inTheWay,
  create,
  mark,
  tell,
];

/** A server that ended by itself is stopped, so that the next request finds a clean place. */
const over: Rule = (seen) => {
  const { job, pod } = seen;
  if (!job) return act('job_gone', { do: 'begin_stop', confirm: true });
  if (job.finished === 'complete') return act('idle_end', { do: 'begin_stop' });
  if (job.finished === 'failed') return failed(endOf(pod));
  if (isUnguarded(seen)) return act('unguarded', { do: 'begin_stop' });
  return job.deleting ? act('job_deleted', { do: 'begin_stop' }) : undefined;
};

/**
 * The cluster has given up the pod, and its node is silent: the Job would wait for it for ever. While nobody deletes it,
 * a silent node is no reason for anything; of a node that is gone the cluster clears the pods away itself.
 */
const lost: Rule = (seen, now) => {
  const at = lostAt(seen);
  return at !== undefined && now >= at ? failed(nodeLost(seen.pod?.node ?? '')) : undefined;
};

const lostSoon: Rule = (seen) => {
  const at = lostAt(seen);
  return at === undefined ? undefined : wait('pod_lost_soon', at);
};

const lostAt = ({ pod, node }: ObservedServer): Instant | undefined =>
  pod?.deletingUntil === undefined || node !== 'not_ready' ? undefined : later(pod.deletingUntil, SILENCE);

/** Somebody deleted what leads to a server that runs. What stands there instead is left alone. */
const repair: Rule = (seen) => {
  const part = PARTS.find((one) => one !== 'job' && seen[one] === undefined);
  return part && act(`${part}_missing`, { do: 'create_part', part });
};

/** `kubectl wait --for=condition=Ready` tells the truth within half a minute. */
const mendReadiness: Rule = (seen, now) => {
  const known = seen.server.record.conditions.find(({ type }) => type === 'Ready');
  const is = isReachable(seen);
  if (!known || (known.status === 'True') === is) return undefined;
  const next = later(known.lastTransitionTime, READY_PAUSE);
  if (now < next) return wait('condition_soon', next);
  return act('condition', { do: 'record', record: { phase: 'running', tellings: [], ready: is } });
};

const LIFE: readonly Rule[] = [over, repair, lost, mendReadiness, lostSoon];
