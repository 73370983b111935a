import type { PodEvent } from '../kubernetes/index.js';
import { withoutSecrets } from './lab.causes.js';
import type { Telling } from './lab.ledger.js';

const LONGEST_REASON = 63;

/** A pod event as the user is told of it: the message as it is, our spelling of the reason (contract 6.4). */
export const relayed = (event: PodEvent): Telling => ({
  reason: snake(event.reason),
  message: withoutSecrets(event.message),
  severity: event.type === 'Warning' ? 'warning' : 'info',
  progress: 'relay',
  at: event.at,
});

/** `FailedScheduling` as `failed_scheduling`. */
const snake = (reason: string): string =>
  reason
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .slice(0, LONGEST_REASON);
