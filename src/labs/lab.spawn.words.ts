import type { Instant, Millis } from '../common/units.js';
import { cause, failureOf, fatal } from './causes/index.js';
import type { LedgerEntry } from './lab.js';
import { act } from '../common/decision.js';
import type { Decision } from './lab.decision.js';
import type { Telling } from './lab.ledger.js';

/** The words of a spawn that goes well; messages and progress are the contract's (6.4). */
export const TOLD = {
  removingRemains: (user: string): Telling => ({
    reason: 'removing_remains',
    message: `Deleting existing failed lab for ${user}`,
    progress: 2,
  }),
  podDeleting: { reason: 'pod_deleting', message: 'Shutting down Kubernetes pod', progress: 5 },
  namespaceDeleting: { reason: 'namespace_deleting', message: 'Deleting user namespace', progress: 12 },
  remainsRemoved: (user: string): Telling => ({
    reason: 'remains_removed',
    message: `Lab for ${user} deleted`,
    progress: 20,
  }),
  namespaceTerminating: {
    reason: 'namespace_terminating',
    message: 'Waiting for the namespace of the previous lab to be gone',
    progress: 2,
  },
  objectsCreated: {
    reason: 'objects_created',
    message: 'Created Kubernetes objects for user lab',
    progress: 30,
  },
  complete: (user: string): Telling => ({
    reason: 'complete',
    event: 'complete',
    message: `Lab Kubernetes pod started for ${user}`,
  }),
} as const;

/** What can go wrong without a pod to ask. */
export const CAUSES = {
  namespaceGone: fatal('namespace_gone', 'Somebody deleted the namespace of the lab while it started'),
  podMissing: fatal('pod_missing', 'The pod of the lab is gone'),
  podDeleted: fatal('pod_deleted', 'Somebody, or the cluster, deleted the pod of the lab while it started'),
  requestIncomplete: fatal(
    'request_incomplete',
    'The request was only recorded in part: the controller stopped while it accepted it',
  ),
  namespaceTaken: (name: string): Telling =>
    fatal('namespace_taken', `Namespace ${name} exists and does not belong to this controller`),
  podTaken: (where: string, whose: string): Telling =>
    fatal('pod_taken', `Pod ${where} exists and was not made by this controller`, whose),
} as const;

/** The contract's words; what the pod waited for is the evidence. */
export function timedOut(timeout: Millis, waitedFor: Telling | undefined): Telling {
  const told = fatal('spawn_timed_out', `Lab spawn timed out after ${timeout / 1000} seconds`);
  if (!waitedFor) return told;
  const { message, evidence } = waitedFor;
  // Nothing is left to wait for.
  const { remedy = told.remedy, who = told.who } = waitedFor.remedy?.startsWith('Wait: ') ? told : waitedFor;
  return { ...told, remedy, who, evidence: evidence === undefined ? message : `${message}: ${evidence}` };
}

/** Ends the spawn: an `error` event with the cause, then the contract's `failed`. */
export function failed(cause: Telling, before: readonly Telling[]): Decision {
  const error: Telling = { ...cause, event: 'error', severity: 'error', progress: undefined };
  const end: Telling = {
    reason: 'spawn_failed',
    event: 'failed',
    severity: 'error',
    message: 'Lab spawn failed',
    remedy: cause.remedy,
    who: cause.who,
  };
  const failure = failureOf(cause);
  const tellings = [...before, error, end];
  const record = { phase: 'failed', tellings, ended: 'failed', failure, lifeEnd: cause.reason } as const;
  return act(cause.reason, { do: 'record', record });
}

/** Said while nothing can be stored, and not stored itself. */
export function unrecorded(words: string, at: Instant): LedgerEntry {
  const { telling } = cause('record_refused', 'The cluster refuses to store how the lab gets on', { words });
  const { reason, message, remedy = '', who = 'operator', evidence = '' } = telling;
  return { number: 0, at, event: 'info', severity: 'warning', reason, message, remedy, who, evidence };
}

/** The end of a spawn of which nothing was stored in all its time. */
export const neverRecorded = (at: Instant): LedgerEntry => ({
  ...unrecorded('', at),
  event: 'failed',
  severity: 'error',
  message: 'The time for the lab is over, and how it ended could not be stored',
});
