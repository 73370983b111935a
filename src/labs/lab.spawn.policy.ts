import { later, seconds } from '../common/units.js';
import type { Instant } from '../common/units.js';
import { LOOP, disruptionOf, isForTheBeginning } from './causes/index.js';
import { act, firstOf, soonest, wait } from '../common/decision.js';
import type { Rule } from '../common/decision.js';
import { markAdopted } from './lab.adoption.policy.js';
import type { Decision, Step } from './lab.decision.js';
import { isTold, nextDetailsAt, storyOf, untold } from './lab.ledger.js';
import type { Telling } from './lab.ledger.js';
import type { ObservedLab, ObservedPod } from './lab.observed.js';
import { currentProgress } from './lab.phase.js';
import { restoreNetwork } from './lab.network.policy.js';
import { removeNamespace, removePod, removeRequests } from './lab.removal.policy.js';
import { isSaidBetter, slowness, slownessAt, standing, waitedFor } from './lab.spawn.causes.js';
import { CAUSES, TOLD, failed, timedOut } from './lab.spawn.words.js';

/** The API plane writes the request Secret right after the Lab; one that died in between never will. */
const REQUEST_PATIENCE = seconds(10);
/** After a restart, a container that has run this long is taken to have got over it (design section 5). */
const STEADY = seconds(10);

/** Brings a lab up: what was there goes first, then the objects, then patience (contract 6.4, design section 5). */
export function decideSpawn(seen: ObservedLab, now: Instant): Decision {
  return firstOf(RULES, seen, now) ?? wait('waiting_for_pod', nextLook(seen, now));
}

const RULES: readonly Rule<ObservedLab, Step>[] = [
  markAdopted,
  started,
  refused,
  hopeless,
  lost,
  late,
  taken,
  strayPod,
  details,
  remains,
  requestMissing,
  objects,
  network,
  (seen) => removeRequests(seen),
];

/** When an operation ends whatever has happened: the API server's clock plus the timeout; waiting in the queue counts. */
export function deadlineOf(seen: ObservedLab): Instant {
  const { lab, terms, remembered } = seen;
  const { operation } = lab.wish;
  const recorded = currentProgress(lab)?.deadline;
  if (recorded !== undefined) return recorded;
  if (operation.kind === 'stop') return later(operation.acceptedAt, terms.deleteTimeout);
  const accepted = seen.requests.find((request) => request.operation === operation.id)?.createdAt;
  const began = operation.kind === 'adopt' ? seen.pod?.createdAt : accepted;
  // Until the request is seen: the clock of the replica that accepted it may be minutes behind ours.
  const known = Math.max(operation.acceptedAt, remembered.since) as Instant;
  return later(began ?? known, terms.spawnTimeout);
}

/** The pod of this very operation. */
function ownPod({ lab, namespace, pod }: ObservedLab): ObservedPod | undefined {
  if (namespace?.owner !== 'this_operation') return undefined;
  const { kind, id } = lab.wish.operation;
  return kind === 'adopt' || pod?.operation === id ? pod : undefined;
}

const hasObjects = ({ lab }: ObservedLab): boolean =>
  lab.wish.operation.kind === 'adopt' || currentProgress(lab)?.objectsCreated === true;

/** Runs, is not being deleted, and has got over its restarts. */
function started(seen: ObservedLab, now: Instant): Decision | undefined {
  const pod = ownPod(seen);
  const notebook = pod?.notebook;
  const anyRestarts = seen.lab.wish.operation.kind === 'adopt';
  if (!notebook || pod.deletingUntil !== undefined || steadyAt(pod, anyRestarts) > now) return undefined;
  if (seen.terms.readiness === 'tcp' && !notebook.ready) return undefined;
  const tellings = [...narrative(seen), TOLD.complete(seen.lab.wish.owner.username)];
  const { restarts } = notebook;
  const record = { phase: 'running', tellings, objectsCreated: true, ended: 'succeeded', restarts } as const;
  return act('complete', { do: 'record', record });
}

/** When the notebook will have run long enough; never, while it does not run or is in a loop. */
function steadyAt(pod: ObservedPod, anyRestarts: boolean): number {
  const { notebook } = pod;
  if (notebook?.state !== 'running' || (notebook.restarts >= LOOP && !anyRestarts)) return Infinity;
  return notebook.restarts === 0 ? 0 : later(notebook.startedAt ?? pod.createdAt, STEADY);
}

function refused(seen: ObservedLab): Decision | undefined {
  return seen.remembered.refusal && fail(seen, seen.remembered.refusal);
}

function hopeless(seen: ObservedLab, now: Instant): Decision | undefined {
  const pod = ownPod(seen);
  // A lab that ran before its record may look back on any number of restarts.
  if (seen.lab.wish.operation.kind === 'adopt' && pod?.notebook?.state === 'running') return undefined;
  const cause = pod && standing(seen, pod, now).find((one) => one.certain);
  return cause && fail(seen, cause.telling);
}

/** What was made is not there any more. */
function lost(seen: ObservedLab): Decision | undefined {
  if (!hasObjects(seen)) return undefined;
  const { namespace } = seen;
  if (namespace?.owner !== 'this_operation' || namespace.terminating) return fail(seen, CAUSES.namespaceGone);
  const pod = ownPod(seen);
  if (!pod) return fail(seen, CAUSES.podMissing);
  return pod.deletingUntil === undefined ? undefined : fail(seen, disruptionOf(pod) ?? CAUSES.podDeleted);
}

function late(seen: ObservedLab, now: Instant): Decision | undefined {
  const deadline = deadlineOf(seen);
  if (now < deadline) return undefined;
  const waited = waitedFor(seen, ownPod(seen), ownDetails(seen), now);
  return fail(seen, timedOut(seen.terms.spawnTimeout, waited));
}

/** A namespace of that name which is not ours is never touched. One that is going may be waited for. */
function taken(seen: ObservedLab): Decision | undefined {
  const { namespace } = seen;
  if (!namespace || namespace.owner === 'this_operation' || areRemains(seen)) return undefined;
  return namespace.terminating ? undefined : fail(seen, CAUSES.namespaceTaken(namespace.name));
}

/** Ours, or left by a Nublado controller with nothing in it that lives: whoever asks for a lab asks for their removal. */
const areRemains = ({ namespace, pod }: ObservedLab): boolean =>
  namespace?.owner === 'remains' || (namespace?.owner === 'nublado' && (!pod || pod.over));

/** A write that an earlier leader began may land late, and put an old pod into the new namespace. */
function strayPod(seen: ObservedLab, now: Instant): Decision | undefined {
  const stray = seen.namespace?.owner === 'this_operation' && seen.pod !== ownPod(seen);
  return stray ? removePod(seen, now) : undefined;
}

function remains(seen: ObservedLab, now: Instant): Decision | undefined {
  const { namespace, lab } = seen;
  if (!namespace || (namespace.owner === 'this_operation' && !namespace.terminating)) return undefined;
  const removing = isTold(storyOf(lab), TOLD.removingRemains('').reason);
  if (!areRemains(seen) || (namespace.terminating && !removing)) {
    return say(seen, [TOLD.namespaceTerminating]) ?? wait('namespace_terminating', nextLook(seen, now));
  }
  if (!removing) return say(seen, [TOLD.removingRemains(lab.wish.owner.username), TOLD.podDeleting]);
  return removeRemains(seen, now);
}

const removeRemains = (seen: ObservedLab, now: Instant): Decision | undefined =>
  soonest(removePod(seen, now), deadlineOf(seen)) ??
  say(seen, [TOLD.namespaceDeleting]) ??
  soonest(removeNamespace(seen, now), deadlineOf(seen));

function requestMissing(seen: ObservedLab, now: Instant): Decision | undefined {
  const { lab, requests, remembered } = seen;
  if (hasObjects(seen) || remembered.allCreated || ownPod(seen)) return undefined;
  const { id } = lab.wish.operation;
  if (requests.some((request) => request.operation === id && request.labUid === lab.uid)) return undefined;
  // Not since the acceptance: the clock of the replica that accepted it may be behind ours.
  const until = later(remembered.since, REQUEST_PATIENCE);
  return now < until ? wait('waiting_for_request', until) : fail(seen, CAUSES.requestIncomplete);
}

/** Tells what arose, not more often than the budget of writes allows; the next record takes along what is held back. */
function details(seen: ObservedLab, now: Instant): Decision | undefined {
  const pending = [...narrative(seen), ...untold(storyOf(seen.lab), slowness(ownDetails(seen), now))];
  if (!hasObjects(seen) && ownDetails(seen).length === 0) return undefined;
  if (pending.length === 0 || (!hasObjects(seen) && isReadyToRecord(seen))) return undefined;
  const at = nextDetailsAt(seen.lab.wish.operation.acceptedAt, seen.remembered.pace, now);
  return now < at
    ? undefined
    : act('details', { do: 'record', record: { phase: 'pending', tellings: pending } });
}

const isReadyToRecord = (seen: ObservedLab): boolean =>
  seen.remembered.allCreated || ownPod(seen) !== undefined;

function objects(seen: ObservedLab, now: Instant): Decision | undefined {
  if (hasObjects(seen)) return undefined;
  if (!isReadyToRecord(seen)) {
    const { retryAt } = seen.remembered;
    if (retryAt > now) return wait('refused_for_now', retryAt);
    return act('creating_objects', { do: 'create_object' });
  }
  const record = { phase: 'pending', tellings: narrative(seen), objectsCreated: true } as const;
  return act('objects_created', { do: 'record', record });
}

function network(seen: ObservedLab, now: Instant): Decision | undefined {
  const decision = hasObjects(seen) && ownPod(seen) ? restoreNetwork(seen, now) : undefined;
  return decision?.kind === 'act' ? decision : undefined;
}

/** Everything worth telling that is not told yet, in order. */
function narrative(seen: ObservedLab): readonly Telling[] {
  const { lab } = seen;
  const story = storyOf(lab);
  const pod = ownPod(seen);
  const removed = isTold(story, TOLD.removingRemains('').reason) && !isRemaining(seen);
  // Judged as of the acceptance, when nothing lasted long enough to be certain.
  const causes = pod ? standing(seen, pod, lab.wish.operation.acceptedAt).filter((one) => !one.certain) : [];
  const waits = causes.map((cause) => cause.telling);
  const own = ownDetails(seen);
  return untold(story, [
    ...own.filter(isForTheBeginning),
    ...(removed ? [TOLD.namespaceDeleting, TOLD.remainsRemoved(lab.wish.owner.username)] : []),
    ...(isReadyToRecord(seen) && lab.wish.operation.kind === 'spawn' ? [TOLD.objectsCreated] : []),
    ...waits,
    ...own.filter((one) => !isForTheBeginning(one) && !isSaidBetter(one, [...story, ...waits])),
  ]);
}

/** An event of the pod that was cleared away may come late, when the new pod is not seen yet: it waits for that one. */
function ownDetails(seen: ObservedLab): readonly Telling[] {
  const uid = ownPod(seen)?.uid;
  const isGone = uid === undefined && hasObjects(seen);
  return seen.remembered.details.filter(({ podUid }) => podUid === undefined || podUid === uid || isGone);
}

const isRemaining = ({ namespace }: ObservedLab): boolean =>
  namespace !== undefined && namespace.owner !== 'this_operation';

const fail = (seen: ObservedLab, cause: Telling): Decision => failed(cause, narrative(seen));

/** Records tellings at once, unless they are told. */
function say(seen: ObservedLab, tellings: readonly Telling[]): Decision | undefined {
  const fresh = untold(storyOf(seen.lab), tellings);
  if (fresh.length === 0) return undefined;
  const reason = fresh[0]?.reason ?? 'details';
  return act(reason, { do: 'record', record: { phase: 'pending', tellings: fresh } });
}

/** When something may change without anybody telling. */
function nextLook(seen: ObservedLab, now: Instant): Instant {
  const pod = ownPod(seen);
  const { acceptedAt } = seen.lab.wish.operation;
  const times = [
    deadlineOf(seen),
    ...slownessAt(ownDetails(seen)),
    ...(narrative(seen).length > 0 ? [nextDetailsAt(acceptedAt, seen.remembered.pace, now)] : []),
    ...(pod
      ? [steadyAt(pod, true), ...standing(seen, pod, now).map(({ certainAt = Infinity }) => certainAt)]
      : []),
  ];
  return Math.min(...times.filter((time) => time > now), later(now, seconds(300))) as Instant;
}
