import { ClientError, ControllerError } from '../common/errors.js';
import type { ErrorLocation } from '../common/errors.js';

/** The username is an element of the path on every route but `user-status`. */
const IN_PATH: ErrorLocation = ['path', 'username'];

/** No lab of that user, or one that belonged to somebody who had the name before (contract 12.1). */
export class UnknownUser extends ClientError {
  readonly status = 404;
  readonly code = 'unknown_user';

  constructor(username: string, options: { readonly inPath: boolean } = { inPath: true }) {
    super(`Unknown user ${username}`, {
      context: { user: username },
      location: options.inPath ? IN_PATH : undefined,
    });
  }
}

/** A lab of that user is pending or running (contract 12.1). */
export class LabExists extends ClientError {
  readonly status = 409;
  readonly code = 'lab_exists';

  constructor(username: string) {
    super(`Lab already exists for ${username}`, { context: { user: username } });
  }
}

/** Another operation on that user's lab has not ended (contract 12.1). */
export class OperationInProgress extends ClientError {
  readonly status = 409;
  readonly code = 'operation_in_progress';

  constructor(username: string) {
    super(`Conflicting operation for ${username} already in progress`, { context: { user: username } });
  }
}

/** The user's quota forbids spawning, or the identity lacks what a pod needs (contract 2.6, checks 4 and 5). */
export class SpawnNotPermitted extends ClientError {
  readonly status = 403;
  readonly code = 'permission_denied';
}

/** The size is not configured (contract 2.6, check 7). */
export class InvalidLabSize extends ClientError {
  readonly status = 422;
  readonly code = 'invalid_lab_size';

  constructor(size: string) {
    super(`Invalid lab size "${size}"`, { context: { size }, location: ['body', 'options', 'size'] });
  }
}

/** The size needs more than the user's notebook quota (contract 2.6, check 8). */
export class InsufficientQuota extends ClientError {
  readonly status = 403;
  readonly code = 'insufficient_quota';

  constructor(size: string) {
    super('Insufficient quota to spawn requested lab', {
      context: { size },
      location: ['body', 'options', 'size'],
    });
  }
}

/** More groups than a record holds. Nothing was written. */
export class TooManyGroups extends ClientError {
  readonly status = 422;
  readonly code = 'too_many_groups';
}

/** An object of this lab, or its record, would exceed a limit of Kubernetes. Nothing was written. */
export class LabTooLarge extends ClientError {
  readonly status = 422;
  readonly code = 'lab_too_large';

  constructor(message: string, location?: ErrorLocation) {
    super(message, { location });
  }
}

/** The lab could not be removed within `lab.deleteTimeout`, or its removal failed; it goes on by itself. */
export class DeleteFailed extends ClientError {
  readonly status = 500;
  readonly code = 'delete_failed';

  constructor(username: string, cause?: unknown) {
    super('Failed to delete lab', { context: { user: username }, cause });
  }
}

/** The user has as many open progress streams as one user may have. */
export class TooManyStreams extends ClientError {
  readonly status = 429;
  readonly code = 'too_many_streams';

  constructor(username: string, limit: number) {
    super(`${username} already reads ${limit} progress streams`, { context: { user: username, limit } });
  }
}

const NOT_ADOPTED =
  'The lab was found without a record and could not be taken over: berth adopt --dry-run says what it lacks, for an operator to mend it or to delete its namespace';

/** Caches are not filled, or an absence could not be confirmed, within the time a request is held. */
export class LabsNotReady extends ClientError {
  readonly status = 503;
  readonly code = 'not_ready';

  constructor(reason: string) {
    const unsure = 'The controller cannot say anything certain about labs yet; ask again in a minute';
    super(reason === 'not_adopted' ? NOT_ADOPTED : unsure, { context: { reason } });
  }
}

/** A record that cannot be read as a Lab. An operator must look at it. */
export class MalformedLab extends ControllerError {
  readonly code = 'malformed_lab';
}

/** A live read found what our cache lacks; the lab is looked at again, ever later while that lasts. */
export class StaleCache extends ControllerError {
  readonly code = 'stale_cache';

  constructor(lab: string) {
    super('The cache lacks what a live read finds', { context: { lab } });
  }
}
