import type { StatusCause } from './kubernetes.error.js';
import type { KubeRequest } from './call.js';
import type { Answer } from './verdict.js';

interface StatusBody {
  readonly kind?: string;
  readonly message?: string;
  readonly reason?: string;
  readonly details?: {
    readonly name?: string;
    readonly kind?: string;
    readonly uid?: string;
    readonly retryAfterSeconds?: number;
    readonly causes?: readonly Partial<StatusCause>[];
  };
}

/** More than this of a stranger's error page helps nobody. */
const MAX_MESSAGE = 2000;

/** Reads a failure's body: a `Status`, or whatever a proxy between us and the API server made up. */
export function readAnswer(request: KubeRequest, status: number, body: unknown): Answer {
  const { reason, message, details = {} } = asStatus(body) ?? {};
  return {
    verb: request.verb,
    resource: request.kind.plural,
    name: request.ref?.name,
    status,
    reason,
    message: (message ?? wordsOf(status, body)).slice(0, MAX_MESSAGE),
    causes: (details.causes ?? []).map((cause) => ({ reason: '', message: '', field: '', ...cause })),
    aboutKind: details.kind,
    aboutName: details.name,
  };
}

function wordsOf(status: number, body: unknown): string {
  const words = typeof body === 'string' ? body.trim() : '';
  return words === '' ? `HTTP status ${status}` : words;
}

/** The UID that a deletion's `Status` names. */
export const deletedUid = (body: unknown): string | undefined => asStatus(body)?.details?.uid;

/** The wait that a `Status` asks for, in seconds. */
export const retrySeconds = (body: unknown): number | undefined => asStatus(body)?.details?.retryAfterSeconds;

const asStatus = (body: unknown): StatusBody | undefined =>
  typeof body === 'object' && body !== null && (body as StatusBody).kind === 'Status' ? body : undefined;
