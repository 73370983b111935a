import { ApiError, badRequest, expired, invalidObject } from '../api-error.js';
import { forbiddenField } from '../field-error.js';
import type { ApiRequest } from '../http/request.js';

export interface Continuation {
  readonly revision: number;
  /** `namespace/name` of the last object told. */
  readonly after: string;
}

export const CONTINUE_EXPIRED =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';

/** A `resourceVersion` of a query: undefined when unset. Throws the API's 400 for anything but a number. */
export function versionOf({ query }: ApiRequest): number | undefined {
  const text = query.get('resourceVersion') ?? '';
  if (text === '') return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  throw badRequest(
    `invalid resource version: resourceVersion: Invalid value: "${text}": strconv.ParseUint: parsing "${text}": invalid syntax`,
  );
}

export function limitOf({ query }: ApiRequest): number {
  const text = query.get('limit') ?? '';
  if (text === '') return 0;
  if (/^-?\d+$/.test(text)) return Math.max(0, Number(text));
  throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
}

/** Refuses versions the server has not reached and matches that make no sense, as the API server does. */
export function checkVersionOptions(request: ApiRequest, version: number | undefined, current: number): void {
  const match = request.query.get('resourceVersionMatch') ?? '';
  if (match !== '' && version === undefined) {
    throw invalidObject({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', [
      forbiddenField(
        'resourceVersionMatch',
        'resourceVersionMatch is forbidden unless resourceVersion is provided',
      ),
    ]);
  }
  if (version === undefined || version <= current) return;
  throw tooLarge(version, current);
}

function tooLarge(version: number, current: number): ApiError {
  return new ApiError(
    504,
    'Timeout',
    `Timeout: Too large resource version: ${version}, current: ${current}`,
    {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  );
}

export function continueOf({ query }: ApiRequest): Continuation | undefined {
  const token = query.get('continue') ?? '';
  if (token === '') return undefined;
  try {
    const { rv, start } = JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as Record<
      string,
      unknown
    >;
    if (typeof rv === 'number' && typeof start === 'string') return { revision: rv, after: start };
  } catch {
    // Falls through: a token that can't be read is refused below like one of the wrong form.
  }
  throw badRequest('invalid continue token: continue key is not valid: the token is not readable');
}

export function continueToken({ revision, after }: Continuation): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start: after })).toString(
    'base64url',
  );
}

export function continueExpired(): ApiError {
  return expired(CONTINUE_EXPIRED);
}
