import { IdentityUnavailable, InvalidToken, PermissionDenied } from '../../auth/index.js';
import type { ClientError } from '../../common/errors.js';
import { InvalidRequest } from '../../http/index.js';
import {
  FileServerCreateFailed,
  FileServerDeleteFailed,
  FilesNotPermitted,
  FilesNotReady,
  FilesNotSupported,
  NoFileServer,
} from '../fileservers.errors.js';

/** What any route that is not for everybody may say. */
export const WRONG_CALLER: readonly ClientError[] = [
  new InvalidToken(),
  new PermissionDenied(),
  InvalidRequest.missingHeaders('x-auth-request-user'),
];

const NOT_READY = new FilesNotReady('caches are filling');

export const STATUS_FAILURES: readonly ClientError[] = [
  ...WRONG_CALLER,
  new NoFileServer('rachel'),
  new FilesNotSupported(),
  NOT_READY,
];

export const LIST_FAILURES: readonly ClientError[] = [...WRONG_CALLER, new FilesNotSupported(), NOT_READY];

export const DELETE_FAILURES: readonly ClientError[] = [
  ...WRONG_CALLER,
  new NoFileServer('rachel', 'File server for rachel not running'),
  new FilesNotSupported(),
  new FileServerDeleteFailed('rachel', 'File server deletion timed out after 60'),
  NOT_READY,
];

export const OPEN_FAILURES: readonly ClientError[] = [
  ...WRONG_CALLER,
  new FilesNotPermitted('The identity provider states no user number or group'),
  new FilesNotSupported(),
  new FileServerCreateFailed({
    reason: 'no_address',
    cause: 'The file server got no address within 120 seconds: its Ingress has no address',
    remedy: 'Look at the ingress controller or gateway: it has not taken up this server’s route',
    who: 'operator',
  }),
  NOT_READY,
  new IdentityUnavailable(undefined),
];
