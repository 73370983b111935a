declare const unit: unique symbol;

/** Whole bytes. */
export type Bytes = number & { readonly [unit]: 'bytes' };
/** Thousandths of a CPU core. */
export type MilliCpu = number & { readonly [unit]: 'millicpu' };
/** A span of time in milliseconds. */
export type Millis = number & { readonly [unit]: 'millis' };
/** A point in time, in milliseconds since the Unix epoch. */
export type Instant = number & { readonly [unit]: 'instant' };

export const bytes = (value: number): Bytes => value as Bytes;
export const milliCpu = (value: number): MilliCpu => value as MilliCpu;
export const millis = (value: number): Millis => value as Millis;
export const seconds = (value: number): Millis => (value * 1000) as Millis;
export const instant = (value: number): Instant => value as Instant;

/** The point in time `span` after `start`. */
export const later = (start: Instant, span: Millis): Instant => (start + span) as Instant;

/** As the API writes times: `2026-11-21T18:00:00.000Z`. */
export const rfc3339 = (time: Instant): string => new Date(time).toISOString();

/** A time as the API writes it. What can't be read is the beginning of time: deadlines built on it have passed, and nothing throws. */
export function timeOf(text: string): Instant {
  const parsed = Date.parse(text);
  return instant(Number.isNaN(parsed) ? 0 : parsed);
}
