import { ClientError } from '../../common/errors.js';
import type { ErrorLocation } from '../../common/errors.js';
import { PARAM_LIMIT } from '../limits.js';

/** One entry of an error body's `detail` (contract 2.4). */
export interface ErrorDetail {
  readonly msg: string;
  readonly type: string;
  readonly loc?: ErrorLocation;
  readonly input?: unknown;
  readonly ctx?: Readonly<Record<string, unknown>>;
}

/** The request does not have the shape the route asks for: one detail for each failing field (contract 2.4). */
export class InvalidRequest extends ClientError {
  readonly status = 422;
  readonly code = 'invalid_request';

  constructor(readonly details: readonly ErrorDetail[]) {
    super('The request is not valid', { context: { problems: details.length } });
  }

  /** A header the route needs is missing or empty. */
  static missingHeaders(...names: readonly string[]): InvalidRequest {
    return new InvalidRequest(
      names.map((name) => ({ type: 'missing', loc: ['header', name], msg: 'Field required', input: null })),
    );
  }
}

/** The body is larger than any request of ours needs. */
export class BodyTooLarge extends ClientError {
  readonly status = 413;
  readonly code = 'body_too_large';

  constructor() {
    super(
      'The body is larger than this server reads: send less, or have an operator raise berth.budgets.maxBodyBytes',
      { location: ['body'] },
    );
  }
}

/** The path is no UTF-8 text, has a part longer than any name, or tries to climb by dot segments, plain or percent-encoded. */
export class InvalidPath extends ClientError {
  readonly status = 400;
  readonly code = 'invalid_path';

  constructor() {
    const limit = `a part of more than ${PARAM_LIMIT} characters`;
    super(`The path has dot segments, ${limit}, or is not valid percent-encoded UTF-8`, {
      location: ['path'],
    });
  }
}

/** The bytes on the connection are no HTTP request this server can read. */
export class MalformedRequest extends ClientError {
  readonly status = 400;
  readonly code = 'malformed_request';

  constructor() {
    super('This is not a well-formed HTTP request');
  }
}

/** The request's headers are larger than the server reads. */
export class HeadersTooLarge extends ClientError {
  readonly status = 431;
  readonly code = 'headers_too_large';

  constructor(limitBytes: number) {
    super(`The headers are larger than ${limitBytes} bytes`);
  }
}

/** The request did not arrive completely in time. */
export class RequestTimeout extends ClientError {
  readonly status = 408;
  readonly code = 'request_timeout';

  constructor() {
    super('The request did not arrive in time');
  }
}

/** This process ends before it can answer; another replica, or the next one, will. The operation itself goes on. */
export class ShuttingDown extends ClientError {
  readonly status = 503;
  readonly code = 'shutting_down';

  constructor() {
    super('The controller is shutting down; ask again');
  }
}
