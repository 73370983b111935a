import { ControllerError } from '../common/errors.js';
import type { Millis } from '../common/units.js';

/** Why a registry did not give what was asked for. Stable words, for logs, metrics and `docs/errors.md`. */
export type RegistryFailure =
  /** No connection, no answer, or one that broke off. */
  | 'registry_unreachable'
  | 'registry_timeout'
  /** 401 or 403, or no credentials where it wants some. */
  | 'registry_denied'
  /** It asks us to show our credentials to a host that nobody allowed. */
  | 'registry_realm_refused'
  /** 429, for longer than the call may take. */
  | 'registry_throttled'
  /** 5xx. */
  | 'registry_failing'
  /** An answer that makes no sense: bad JSON, paging in a circle, a redirect to elsewhere, an unexpected status. */
  | 'registry_answer_invalid'
  | 'registry_answer_too_large'
  | 'repository_not_found'
  | 'tag_without_manifest';

export interface RegistryErrorFacts {
  readonly reason: RegistryFailure;
  readonly method: string;
  readonly url: URL;
  /** Absent if there was no answer. */
  readonly status?: number | undefined;
  /** How long the registry asked to be left alone. */
  readonly retryAfterMs?: Millis | undefined;
  readonly cause?: unknown;
}

/** A registry failed us. Carries nothing secret: no header, no body, and the URL without user and query. */
export class RegistryError extends ControllerError {
  readonly code = 'registry_error';
  readonly reason: RegistryFailure;
  readonly method: string;
  readonly url: string;
  readonly status: number | undefined;
  readonly retryAfterMs: Millis | undefined;

  constructor(message: string, facts: RegistryErrorFacts) {
    const { reason, method, status } = facts;
    const url = facts.url.origin + facts.url.pathname;
    super(`${message} (${method} ${url}${status === undefined ? '' : `, status ${status}`})`, {
      context: { reason, method, url, status },
      cause: facts.cause,
    });
    this.reason = reason;
    this.method = method;
    this.url = url;
    this.status = status;
    this.retryAfterMs = facts.retryAfterMs;
  }
}
