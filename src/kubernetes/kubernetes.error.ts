import { ControllerError } from '../common/errors.js';
import type { Millis } from '../common/units.js';
import type { Verb } from './call.js';

/**
 * What to do about a failed request:
 * `wait` – the cluster is on its way there, ask again later;
 * `retry` – a passing fault, the same request may succeed;
 * `conflict` – what we believed is not so, read and decide again;
 * `cause` – refused for a reason that somebody can lift, tell the user;
 * `permanent` – the same request will always be refused;
 * `absent` – the object does not exist.
 */
export type Verdict = 'wait' | 'retry' | 'conflict' | 'cause' | 'permanent' | 'absent';

export interface StatusCause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

export interface KubernetesFailure {
  readonly verb: Verb;
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  readonly reason?: string | undefined;
  readonly causes?: readonly StatusCause[];
  /** When the API server asks us to come back. */
  readonly retryAfter?: Millis | undefined;
  readonly verdict: Verdict;
  readonly apiMessage: string;
  /** This or an earlier try of the same write may have been applied. */
  readonly unanswered?: boolean;
  readonly cause?: unknown;
}

/** In the words of etcd, and of those who ask it. */
export const TOO_LARGE = /request is too large|message larger than max/;

/** A request to the cluster that failed, judged by `verdict.ts`. Nothing of the object sent is in it. */
export class KubernetesError extends ControllerError {
  readonly code = 'kubernetes_error';
  readonly verb: Verb;
  readonly kind: string;
  readonly namespace: string | undefined;
  readonly objectName: string | undefined;
  readonly status: number;
  readonly reason: string | undefined;
  readonly causes: readonly StatusCause[];
  readonly retryAfter: Millis | undefined;
  readonly verdict: Verdict;
  readonly apiMessage: string;
  readonly unanswered: boolean;

  /** Out of sight of the log, which would tell everything twice. */
  readonly #failure: KubernetesFailure;

  constructor(failure: KubernetesFailure) {
    super(sentence(failure), { context: contextOf(failure), cause: failure.cause });
    this.#failure = failure;
    this.verb = failure.verb;
    this.kind = failure.kind;
    this.namespace = failure.namespace;
    this.objectName = failure.name;
    this.status = failure.status;
    this.reason = failure.reason;
    this.causes = failure.causes ?? [];
    this.retryAfter = failure.retryAfter;
    this.verdict = failure.verdict;
    this.apiMessage = failure.apiMessage;
    this.unanswered = failure.unanswered ?? false;
  }

  /** What the caller believed is not so any more: read, and decide again. */
  get outdated(): boolean {
    return this.verdict === 'conflict' || this.verdict === 'absent';
  }

  /** The API server, or its store, will not take so large an object or request. */
  get tooLarge(): boolean {
    return this.status === 413 || (this.verdict === 'permanent' && TOO_LARGE.test(this.apiMessage));
  }

  /** The same failure of a write whose earlier try may have been applied. */
  asUnanswered(): KubernetesError {
    return this.unanswered ? this : new KubernetesError({ ...this.#failure, unanswered: true });
  }
}

function sentence(failure: KubernetesFailure): string {
  const name = [failure.namespace, failure.name].filter((part) => part !== undefined).join('/');
  const target = name === '' ? failure.kind : `${failure.kind} ${name}`;
  return `${failure.verb} ${target}: ${failure.apiMessage}`;
}

const contextOf = (failure: KubernetesFailure): Record<string, string | number | boolean | undefined> => ({
  verb: failure.verb,
  kind: failure.kind,
  namespace: failure.namespace,
  name: failure.name,
  status: failure.status,
  reason: failure.reason,
  verdict: failure.verdict,
  unanswered: failure.unanswered ?? false,
});
