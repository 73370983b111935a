import { ApiError, badRequest, invalidObject } from '../api-error.js';
import type { FieldError } from '../field-error.js';
import { forbiddenField, notSupported } from '../field-error.js';
import type { ApiRequest } from '../http/request.js';
import type { Fields } from '../objects.js';

export interface Continuation {
  readonly revision: number;
  /** `namespace/name` of the last object told. */
  readonly after: string;
}

/** The revision of a token that takes the state as it is. */
export const PRESENT = -1;

const MATCH = 'resourceVersionMatch';
const INITIAL = 'sendInitialEvents';
const MATCHES = ['Exact', 'NotOlderThan', ''];

const CONTINUE_EXPIRED =
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
  refuse(listErrors(request));
  if (request.query.get('continue')) {
    if (version === undefined || version === 0) return;
    throw badRequest('specifying resource version is not allowed when using continue');
  }
  if (version === undefined || version <= current) return;
  throw tooLarge(version, current);
}

/** Refuses what a watch can't be asked for. Throws the API's 422. */
export function checkWatchOptions({ query }: ApiRequest): void {
  const match = query.get(MATCH) ?? '';
  if (query.has(INITIAL) && match !== 'NotOlderThan')
    refuse([
      forbiddenField(MATCH, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'),
    ]);
  if (!query.has(INITIAL) && match !== '') {
    const why = 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided';
    refuse([forbiddenField(MATCH, why)]);
  }
}

function listErrors({ query }: ApiRequest): FieldError[] {
  const match = query.get(MATCH) ?? '';
  const version = query.get('resourceVersion') ?? '';
  const errors: FieldError[] = [];
  if (match !== '' && version === '')
    errors.push(
      forbiddenField(MATCH, 'resourceVersionMatch is forbidden unless resourceVersion is provided'),
    );
  if (!MATCHES.includes(match)) errors.push(notSupported(MATCH, match, MATCHES));
  if (match === 'Exact' && version === '0')
    errors.push(forbiddenField(MATCH, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
  if (query.has(INITIAL)) errors.push(forbiddenField(INITIAL, 'sendInitialEvents is forbidden for list'));
  return errors;
}

function refuse(errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalidObject({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', errors);
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

/** 410 with a token that goes on after the same object, in the present state: what lies between may be missed. */
export function continueExpired({ after }: Continuation): ApiError {
  return new ContinueExpired(continueToken({ revision: PRESENT, after }));
}

class ContinueExpired extends ApiError {
  constructor(private readonly token: string) {
    super(410, 'Expired', CONTINUE_EXPIRED);
  }

  override status(): Fields {
    return super.status({ continue: this.token });
  }
}
