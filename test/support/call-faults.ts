import type { FaultProxy } from '../../simulator/faults/index.js';

export type FaultAction = Parameters<FaultProxy['add']>[0]['action'];
export type SeenRequest = FaultProxy['requests'][number];

/** What may happen to one request, by name. */
export const CALL_FAULTS = {
  '409': { do: 'answer', status: 409, reason: 'Conflict', message: 'the object has been modified' },
  '410': { do: 'answer', status: 410, reason: 'Gone', message: 'the requested version is gone' },
  '422': { do: 'answer', status: 422, reason: 'Invalid', message: 'the server rejected our request' },
  '429': { do: 'answer', status: 429, reason: 'TooManyRequests', message: 'slow down', retryAfterS: 1 },
  '500': { do: 'answer', status: 500, reason: 'InternalError', message: 'Internal error occurred' },
  '503': { do: 'answer', status: 503, reason: 'ServiceUnavailable', message: 'the server is away' },
  'too large': { do: 'answer', status: 500, message: 'etcdserver: request is too large' },
  'reset before': { do: 'reset', at: 'before' },
  'reset after': { do: 'reset', at: 'after' },
  'hang before': { do: 'hang', at: 'before' },
  'hang after': { do: 'hang', at: 'after' },
  stale: { do: 'stale' },
} as const satisfies Record<string, FaultAction>;

export type CallFault = keyof typeof CALL_FAULTS;

export const CALL_FAULT_NAMES = Object.keys(CALL_FAULTS) as readonly CallFault[];

/** Only a read can be stale, and a HEAD has no body. `call` begins with the verb. */
export const canMeet = (fault: string, call: string): boolean =>
  !['stale', 'wrong JSON'].includes(fault) || call.startsWith('get ');
