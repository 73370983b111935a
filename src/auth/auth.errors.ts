import { ClientError } from '../common/errors.js';
import type { ErrorLocation } from '../common/errors.js';

/** The identity provider does not accept the user's token (contract 12.1). */
export class InvalidToken extends ClientError {
  readonly status = 401;
  readonly code = 'invalid_token';

  constructor(location?: ErrorLocation) {
    super('User token is invalid', { location });
  }
}

/** The route, or what it was asked about, is not this caller's (contract 12.1). */
export class PermissionDenied extends ClientError {
  readonly status = 403;
  readonly code = 'permission_denied';

  constructor(message = 'Permission denied') {
    super(message);
  }
}

/** The identity provider could not be asked, or its answer not understood. Asking again may help. */
export class IdentityUnavailable extends ClientError {
  readonly status = 503;
  readonly code = 'identity_unavailable';

  constructor(cause: unknown) {
    super('The identity provider gave no usable answer; try again', { cause });
  }
}
