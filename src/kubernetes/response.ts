import type { Dispatcher } from 'undici';
import { millis } from '../common/units.js';
import type { Millis } from '../common/units.js';
import { retrySeconds } from './status.js';

/** A body, parsed; as text where it is not JSON. */
export function parsed(body: Buffer): unknown {
  const text = body.toString('utf8');
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** How long the answer asks us to stay away: header `Retry-After` in seconds, else the `Status` details. */
export function retryAfterOf(headers: Dispatcher.ResponseData['headers'], body: unknown): Millis | undefined {
  const header = Number(headers['retry-after']);
  const seconds = Number.isFinite(header) ? header : retrySeconds(body);
  return seconds !== undefined && seconds >= 0 ? millis(seconds * 1000) : undefined;
}
