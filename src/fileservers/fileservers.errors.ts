import { ClientError, ControllerError } from '../common/errors.js';
import type { ServerFailure } from './fileserver.js';

/** No file server of that user runs (contract 2.11). */
export class NoFileServer extends ClientError {
  readonly status = 404;
  readonly code = 'unknown_user';

  constructor(username: string, message = 'No file server running') {
    super(message, { context: { user: username } });
  }
}

/** File servers are not enabled in the configuration (contract 12.1). */
export class FilesNotSupported extends ClientError {
  readonly status = 404;
  readonly code = 'not_supported';

  constructor() {
    super('Fileserver is disabled in configuration');
  }
}

/** The server did not come up; `failure` says why, what helps, and who can do it (contract 2.8). */
export class FileServerCreateFailed extends ClientError {
  readonly status = 500;
  readonly code = 'file_server_create_failed';

  constructor(readonly failure: Pick<ServerFailure, 'reason' | 'cause' | 'remedy' | 'who'>) {
    const remedy = failure.remedy === null ? '' : `. ${failure.remedy}`;
    super(`Failed to create file server: ${failure.cause}${remedy}`, { context: { reason: failure.reason } });
  }
}

/** The server could not be removed within `fileserver.deleteTimeout`; its removal goes on by itself (contract 2.11). */
export class FileServerDeleteFailed extends ClientError {
  readonly status = 500;
  readonly code = 'file_server_delete_failed';

  constructor(username: string, error: string, cause?: unknown) {
    super(`Failed to delete file server: ${error}`, { context: { user: username }, cause });
  }
}

/** The identity provider states no user number or group: nobody's files are served as somebody else's. */
export class FilesNotPermitted extends ClientError {
  readonly status = 403;
  readonly code = 'permission_denied';
}

/** Caches are not filled, or an absence could not be confirmed, within the time a request is held. */
export class FilesNotReady extends ClientError {
  readonly status = 503;
  readonly code = 'not_ready';

  constructor(reason: string) {
    super('The controller cannot say anything certain about file servers yet', { context: { reason } });
  }
}

/** The credentials shown to a file server are nobody's, or not its owner's. */
export class CredentialsRefused extends ClientError {
  readonly status = 403;
  readonly code = 'credentials_refused';

  constructor() {
    super('These are not the credentials of the owner of this file server');
  }
}

/** Too many wrong credentials were shown to one file server within a minute. */
export class TooManyGuesses extends ClientError {
  readonly status = 429;
  readonly code = 'too_many_guesses';

  constructor() {
    super('Too many wrong credentials for this file server; try again in a minute');
  }
}

/** The fsadmin pod does not exist (contract 2.11). */
export class FsadminNotFound extends ClientError {
  readonly status = 404;
  readonly code = 'not_found';

  constructor(namespace: string, name: string) {
    super(`${namespace}/${name}`);
  }
}

/** The fsadmin pod exists and does not run; the message is its phase (contract 2.11). */
export class FsadminNotRunning extends ClientError {
  readonly status = 404;
  readonly code = 'invalid_phase';
}

/** A pod of the fsadmin's name belongs to somebody else; it is left alone. */
export class FsadminTaken extends ClientError {
  readonly status = 409;
  readonly code = 'fsadmin_taken';

  constructor(namespace: string, name: string) {
    super(`Pod ${namespace}/${name} exists and is not ours; remove it, or set fsadmin.podName`);
  }
}

/** The fsadmin pod was not there, or not gone, within `fsadmin.timeout`, or the cluster refused it. */
export class FsadminFailed extends ClientError {
  readonly status = 500;
  readonly code = 'fsadmin_failed';
}

/** A FileServer resource that cannot be read. An operator must look at it. */
export class MalformedFileServer extends ControllerError {
  readonly code = 'malformed_file_server';

  constructor(name: string) {
    super('A FileServer resource lacks what none can be without', { context: { name } });
  }
}

/** A live read found what our cache lacks; the server is looked at again, ever later while that lasts. */
export class StaleServerCache extends ControllerError {
  readonly code = 'stale_server_cache';

  constructor(name: string) {
    super('The cache lacks a file server’s Job that is there', { context: { server: name } });
  }
}
