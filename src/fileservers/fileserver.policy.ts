import { untold } from '../common/ledger.js';
import type { Telling } from '../common/ledger.js';
import { later, seconds } from '../common/units.js';
import type { Instant } from '../common/units.js';
import { causeOf, endOf, nameTaken, overdue } from './fileserver.causes.js';
import { act, firstOf, settled, wait } from '../common/decision.js';
import type { Rule as RuleOf } from '../common/decision.js';
import type { Decision, Part, StatusRecord, Step } from './fileserver.decision.js';
import { currentProgress } from './fileserver.js';
import { objectName } from './fileserver.names.js';
import { isReachable } from './fileserver.observed.js';
import type { ObservedPart, ObservedServer } from './fileserver.observed.js';
import { TOLD, storyOf } from './fileserver.story.js';

/** Status writes that tell of what is on its way, and of a server that comes and goes, are at least so far apart. */
const PAUSE = seconds(5);
const READY_PAUSE = seconds(30);
const PARTS: readonly Part[] = ['route', 'service', 'job'];

type Rule = RuleOf<ObservedServer, Step>;

/** The rule book of file servers: what to do next about one of them. Pure. */
export function decideServer(seen: ObservedServer, now: Instant): Decision {
  const { server } = seen;
  if (server.wish.desiredState === 'stopped') return decideStop(seen, now);
  if (server.beingDeleted) return act('resource_deleted', { do: 'begin_stop' });
  const ended = currentProgress(server)?.ended;
  if (ended === 'failed') return act('clean_up', { do: 'begin_stop' });
  if (ended === 'succeeded') return firstOf(LIFE, seen, now) ?? settled('running');
  return firstOf(START, seen, now) ?? wait('starting', deadlineOf(seen));
}

function decideStop(seen: ObservedServer, now: Instant): Decision {
  // Somebody turned it around by kubectl, which makes no operation of its own.
  if (seen.server.wish.operation.kind !== 'stop') return act('stop_wished', { do: 'begin_stop' });
  return firstOf(STOP, seen, now) ?? settled('stopped');
}

/** When a start has failed for want of time. */
export const deadlineOf = ({ server, terms }: ObservedServer): Instant =>
  later(server.wish.operation.acceptedAt, terms.creationTimeout);

/** Of an adopted server the Nublado controller's objects are as good as ours. */
const isUsable = ({ server }: ObservedServer, part: ObservedPart | undefined): boolean =>
  part !== undefined &&
  !part.deleting &&
  (part.owner === 'mine' || (part.owner === 'nublado' && server.wish.operation.kind === 'adopt'));

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
const inTheWay: Rule = (seen) => {
  const part = PARTS.find((one) => seen[one] !== undefined && !isUsable(seen, seen[one]));
  if (!part) return undefined;
  return removal(seen, part) ?? wait('remains_going', deadlineOf(seen));
};

function removal(seen: ObservedServer, part: Part): Decision | undefined {
  const found = seen[part];
  if (!found || found.deleting || seen.remembered.deletions.has(found.uid)) return undefined;
  return act(`${part}_in_the_way`, { do: 'delete_part', part, uid: found.uid });
}

/** A live Job that a Nublado controller made becomes ours before it counts as running. */
function mark({ job, server }: ObservedServer): Decision | undefined {
  const isTheirs = job?.owner === 'nublado' && server.wish.operation.kind === 'adopt';
  return isTheirs ? act('unmarked', { do: 'mark_job', uid: job.uid }) : undefined;
}

/** A server that was there before us and lives is taken as it is: what it lacks is mended while it runs. */
const taken: Rule = (seen) => {
  const { job, pod, server } = seen;
  const lives = pod?.container.state === 'running' && !pod.over && !pod.deleting;
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

const START: readonly Rule[] = [refusal, ended, taken, foreign, ready, late, inTheWay, create, mark, tell];

/** A server that ended by itself is stopped, so that the next request finds a clean place. */
const over: Rule = (seen) => {
  const { job, pod } = seen;
  if (!job) return act('job_gone', { do: 'begin_stop', confirm: true });
  if (job.finished === 'complete') return act('idle_end', { do: 'begin_stop' });
  if (job.finished === 'failed') return failed(endOf(pod));
  return job.deleting ? act('job_deleted', { do: 'begin_stop' }) : undefined;
};

/** Somebody deleted what leads to a server that runs. What stands there instead is left alone. */
const repair: Rule = (seen) => {
  const part = PARTS.find((one) => one !== 'job' && seen[one] === undefined);
  return part && act(`${part}_missing`, { do: 'create_part', part });
};

/** `kubectl wait --for=condition=Ready` tells the truth within half a minute. */
const readiness: Rule = (seen, now) => {
  const known = seen.server.record.conditions.find(({ type }) => type === 'Ready');
  const is = isReachable(seen);
  if (!known || (known.status === 'True') === is) return undefined;
  const next = later(known.lastTransitionTime, READY_PAUSE);
  if (now < next) return wait('condition_soon', next);
  return act('condition', { do: 'record', record: { phase: 'running', tellings: [], ready: is } });
};

const LIFE: readonly Rule[] = [over, repair, readiness];

const forget: Rule = ({ server }) => {
  const isOver = currentProgress(server)?.ended === 'succeeded';
  if (!isOver) return undefined;
  return server.beingDeleted ? act('forget', { do: 'forget' }) : settled('stopped');
};

const remove: Rule = (seen) => {
  for (const part of PARTS) {
    const found = seen[part];
    if (found?.owner === 'foreign') continue;
    const decision = removal(seen, part);
    if (decision) return decision;
  }
  return undefined;
};

const clear: Rule = ({ terms, remembered }) => {
  if (terms.hasClaims && !remembered.claimsCleared) return act('claims', { do: 'clear_claims' });
  return terms.hasKey && !remembered.keyCleared ? act('key', { do: 'clear_key' }) : undefined;
};

const going: Rule = (seen) => {
  const left = PARTS.filter((one) => seen[one] !== undefined && seen[one].owner !== 'foreign');
  return left.length > 0 || seen.derivedRoute ? wait('going') : undefined;
};

const gone: Rule = ({ server }) => {
  const phase = server.record.failure ? 'failed' : 'stopped';
  return act('gone', { do: 'record', record: { phase, tellings: [TOLD.gone], ended: 'succeeded' } });
};

const STOP: readonly Rule[] = [forget, remove, clear, going, gone];
