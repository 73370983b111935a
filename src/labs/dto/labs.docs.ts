import type { ApiResponseNoStatusOptions } from '@nestjs/swagger';
import { IdentityUnavailable, InvalidToken, PermissionDenied } from '../../auth/index.js';
import { DiscoveryUnavailable } from '../../discovery/index.js';
import { InvalidDockerReference, RegistryUnavailable, UnknownImage } from '../../images/index.js';
import type { ClientError } from '../../common/errors.js';
import { BodyTooLarge, InvalidRequest, printEvent } from '../../http/index.js';
import {
  InsufficientQuota,
  InvalidLabSize,
  LabExists,
  LabTooLarge,
  LabsNotReady,
  OperationInProgress,
  SpawnNotPermitted,
  TooManyGroups,
  TooManyStreams,
  UnknownUser,
} from '../labs.errors.js';

/** What any route that is not for everybody may say. */
export const WRONG_CALLER: readonly ClientError[] = [
  new InvalidToken(),
  new PermissionDenied(),
  InvalidRequest.missingHeaders('x-auth-request-user'),
];

export const NOT_READY = new LabsNotReady('caches are filling');

const badSize = new InvalidRequest([
  {
    type: 'missing',
    loc: ['body', 'options', 'size'],
    msg: 'Field required',
    input: { image_tag: 'w_2026_46' },
  },
]);

/** In the order in which `create` checks (contract 2.6). */
export const CREATE_FAILURES: readonly ClientError[] = [
  ...WRONG_CALLER,
  badSize,
  new BodyTooLarge(),
  new SpawnNotPermitted('Spawning a notebook is not permitted'),
  new UnknownImage('No image with the tag w_1999_01 is known', {
    location: ['body', 'options', 'image_tag'],
  }),
  new InvalidDockerReference('Docker reference "lab" has no tag', {
    location: ['body', 'options', 'image_list'],
  }),
  new RegistryUnavailable('registry.example.org', 'registry_timeout', {}),
  new InvalidLabSize('colossal'),
  new InsufficientQuota('large'),
  new TooManyGroups('The user has 1001 groups, and a record carries at most 1000'),
  new LabTooLarge('The environment is larger than a ConfigMap may be', ['body', 'env']),
  new OperationInProgress('rachel'),
  new LabExists('rachel'),
  NOT_READY,
  new IdentityUnavailable(undefined),
  new DiscoveryUnavailable('Service discovery gave no usable answer'),
];

export const STREAM_FAILURES: readonly ClientError[] = [
  ...WRONG_CALLER,
  new UnknownUser('rachel'),
  new TooManyStreams('rachel', 20),
  NOT_READY,
];

const example = [
  printEvent({ event: 'info', id: 'k3x2abcdef-1', data: { message: 'Lab creation initiated', progress: 1 } }),
  printEvent({ event: 'complete', id: 'k3x2abcdef-7', data: { message: 'Operation completed' } }),
].join('');

export const STREAM_RESPONSE: ApiResponseNoStatusOptions = {
  description:
    'Events `info`, `error`, `failed` and `complete`; data is one line of JSON with `message` and, where known, ' +
    '`progress` (1 to 100). With `format=native`: `at`, `reason`, `severity`, `message`, `progress`, `remedy`, `who`, `evidence`.',
  headers: {
    'Cache-Control': { schema: { type: 'string' }, description: '`no-store, no-transform`' },
    'X-Accel-Buffering': { schema: { type: 'string' }, description: '`no`' },
  },
  content: { 'text/event-stream': { schema: { type: 'string' }, example } },
};
