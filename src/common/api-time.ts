import { instant } from './units.js';
import type { Instant } from './units.js';

/** A timestamp of the Kubernetes API, which is text on our side whatever the SDK's types say; undefined if unreadable. */
export const apiTime = (written: unknown): Instant | undefined => {
  const parsed = typeof written === 'string' || written instanceof Date ? Date.parse(String(written)) : NaN;
  return Number.isNaN(parsed) ? undefined : instant(parsed);
};
