import type { Verb } from './call.js';
import { TOO_LARGE } from './kubernetes.error.js';
import type { StatusCause, Verdict } from './kubernetes.error.js';

/** What was asked and what came back, as far as it decides anything. */
export interface Answer {
  readonly verb: Verb;
  /** Plural of the resource asked for, and its name where one was given. */
  readonly resource: string;
  readonly name?: string | undefined;
  /** HTTP status, or of a watch's ERROR event; 0 without an answer. */
  readonly status: number;
  readonly reason?: string | undefined;
  readonly message: string;
  readonly causes: readonly StatusCause[];
  /** `details.kind` and `details.name`: what the answer speaks of, which may be another object. */
  readonly aboutKind?: string | undefined;
  readonly aboutName?: string | undefined;
}

export interface Judgement {
  readonly verdict: Verdict;
  /** Whether a write so answered may have been stored all the same. */
  readonly mayBeApplied: boolean;
}

interface Rule {
  /** The recorded body that proves it, in `test/fixtures/kubernetes/answers.json`. */
  readonly name: string;
  readonly when: (answer: Answer) => boolean;
  readonly verdict: Verdict;
  readonly mayBeApplied?: boolean;
}

const says = (answer: Answer, pattern: RegExp): boolean => pattern.test(answer.message);
const is = (answer: Answer, status: number, reason?: string): boolean =>
  answer.status === status && (reason === undefined || answer.reason === reason);
const speaksOfIt = (answer: Answer): boolean =>
  answer.aboutName !== undefined && answer.aboutName === answer.name && answer.aboutKind === answer.resource;

/** Admission refuses with whatever status it likes, so these look at words first. */
const ADMISSION: readonly Rule[] = [
  { name: 'webhook-unreachable', when: (a) => says(a, /failed calling webhook/), verdict: 'retry' },
  {
    name: 'webhook-denied',
    when: (a) => says(a, /admission webhook .* denied the request/),
    verdict: 'permanent',
  },
  {
    name: 'admission-policy',
    when: (a) => says(a, /ValidatingAdmissionPolicy .* denied request/),
    verdict: 'permanent',
  },
];

const FORBIDDEN: readonly Rule[] = [
  {
    name: 'namespace-terminating',
    when: (a) => a.causes.some((cause) => cause.reason === 'NamespaceTerminating'),
    verdict: 'wait',
  },
  {
    name: 'missing-service-account',
    when: (a) => is(a, 403) && says(a, /error looking up service account/),
    verdict: 'wait',
  },
  // The quota was just made and nobody has counted yet.
  { name: 'quota-unknown', when: (a) => is(a, 403) && says(a, /status unknown for quota/), verdict: 'wait' },
  { name: 'quota-exceeded', when: (a) => is(a, 403) && says(a, /exceeded quota: /), verdict: 'cause' },
  { name: 'quota-unspecified', when: (a) => is(a, 403) && says(a, /failed quota: /), verdict: 'cause' },
  {
    name: 'limit-range',
    when: (a) => is(a, 403) && says(a, /is forbidden: \[?(maximum|minimum) /),
    verdict: 'cause',
  },
  // RBAC, Pod Security, an unknown priority class: the same request stays refused until an operator acts.
  { name: 'rbac-forbidden', when: (a) => is(a, 403), verdict: 'permanent' },
];

const STATE: readonly Rule[] = [
  {
    name: 'object-being-deleted',
    when: (a) => is(a, 409, 'AlreadyExists') && says(a, /^object is being deleted/),
    verdict: 'wait',
  },
  { name: 'already-exists', when: (a) => is(a, 409, 'AlreadyExists'), verdict: 'conflict' },
  // A create has no version of its own to be stale: quota admission lost a race against itself.
  { name: 'quota-race', when: (a) => is(a, 409) && a.verb === 'create', verdict: 'retry' },
  { name: 'stale-version', when: (a) => is(a, 409), verdict: 'conflict' },
  { name: 'no-object', when: (a) => is(a, 404, 'NotFound') && speaksOfIt(a), verdict: 'absent' },
  // A create cannot miss itself: what it needs, its namespace, is not there.
  { name: 'no-namespace', when: (a) => is(a, 404, 'NotFound') && a.verb === 'create', verdict: 'conflict' },
  // Somebody between us and the API server, or a resource not served (yet): says nothing about the object.
  { name: 'no-resource', when: (a) => is(a, 404), verdict: 'retry' },
  { name: 'list-expired', when: (a) => is(a, 410), verdict: 'conflict' },
  {
    // The API server has one answer, without details, for a failed test, a missing path and a malformed patch.
    name: 'patch-test-failed',
    when: (a) => is(a, 422) && a.verb === 'patch' && a.causes.length === 0 && a.aboutName === undefined,
    verdict: 'conflict',
  },
];

const TRANSPORT: readonly Rule[] = [
  { name: 'no-answer', when: (a) => a.status === 0, verdict: 'retry', mayBeApplied: true },
  { name: 'body-too-large', when: (a) => is(a, 413), verdict: 'permanent' },
  {
    name: 'etcd-too-large',
    when: (a) => a.status >= 500 && says(a, TOO_LARGE),
    verdict: 'permanent',
  },
  // Credentials are being rotated, or an operator broke them; either way nothing is wrong with the request.
  { name: 'unauthorized', when: (a) => is(a, 401), verdict: 'retry' },
  { name: 'throttled', when: (a) => is(a, 429) || is(a, 408), verdict: 'retry' },
  { name: 'backend-unavailable', when: (a) => a.status >= 500, verdict: 'retry', mayBeApplied: true },
  { name: 'invalid', when: () => true, verdict: 'permanent' },
];

/** First match decides. */
export const RULES: readonly Rule[] = [...ADMISSION, ...FORBIDDEN, ...STATE, ...TRANSPORT];

/** What to do about an answer that is not a success. */
export function judge(answer: Answer): Judgement & { readonly rule: string } {
  const rule = RULES.find((candidate) => candidate.when(answer));
  return {
    rule: rule?.name ?? 'unknown',
    verdict: rule?.verdict ?? 'permanent',
    mayBeApplied: rule?.mayBeApplied ?? false,
  };
}
