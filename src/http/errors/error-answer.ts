import { STATUS_CODES } from 'node:http';
import { HttpException } from '@nestjs/common';
import { ClientError } from '../../common/errors.js';
import { BodyTooLarge, InvalidPath, InvalidRequest, MalformedRequest } from './http.errors.js';
import type { ErrorDetail } from './http.errors.js';

/** What a caller is told of a failure (contract 2.4). */
export interface ErrorAnswer {
  readonly status: number;
  readonly code: string;
  readonly body: { readonly detail: string | readonly ErrorDetail[] };
  /** Nobody raised this on purpose: it belongs in the log with its stack. */
  readonly unexpected: boolean;
}

/** Seconds after which a caller that met a 429 or 503 may ask again. */
export const RETRY_AFTER_SECONDS = 5;

const detailOf = (error: ClientError): ErrorDetail => ({
  msg: error.message,
  type: error.code,
  ...(error.location === undefined ? {} : { loc: error.location }),
});

/** The answer to an error meant for the caller. */
export function clientErrorAnswer(error: ClientError): ErrorAnswer {
  const detail = error instanceof InvalidRequest ? error.details : [detailOf(error)];
  return { status: error.status, code: error.code, body: { detail }, unexpected: false };
}

/** `{"detail": "Not Found"}` and its like: what the framework itself refuses. */
export function plainAnswer(status: number): ErrorAnswer {
  const reason = STATUS_CODES[status] ?? 'Error';
  const code = reason.toLowerCase().replace(/\W+/g, '_');
  return { status, code, body: { detail: reason }, unexpected: false };
}

/**
 * Finds the answer to whatever was thrown. An unexpected error becomes a 500 that names only `errorId`,
 * under which the log has the rest.
 */
export function answerTo(error: unknown, errorId: string): ErrorAnswer {
  if (error instanceof ClientError) return clientErrorAnswer(error);
  if (error instanceof HttpException && error.getStatus() < 500) return plainAnswer(error.getStatus());
  const known = frameworkError(error);
  if (known) return clientErrorAnswer(known);
  const detail = [{ msg: `Internal error; the log has its cause under ${errorId}`, type: 'internal_error' }];
  return { status: 500, code: 'internal_error', body: { detail }, unexpected: true };
}

function frameworkError(error: unknown): ClientError | undefined {
  const { code, statusCode } = (error ?? {}) as { code?: unknown; statusCode?: unknown };
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new BodyTooLarge();
  if (code === 'FST_ERR_BAD_URL' || code === 'FST_ERR_MAX_PARAM_LENGTH') return new InvalidPath();
  const refused = typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500;
  return refused && typeof code === 'string' && code.startsWith('FST_') ? new MalformedRequest() : undefined;
}
