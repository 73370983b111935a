import { instant } from '../common/units.js';
import type { Instant } from '../common/units.js';

const DAY_MS = 86_400_000;

/** Midnight UTC of a calendar day, or undefined if there is no such day in the years 1 to 9999. */
export function calendarDay(year: number, month: number, day: number): Instant | undefined {
  if (!isYear(year)) return undefined;
  const date = utcDate(year, month, day);
  const exists =
    date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return exists ? instant(date.getTime()) : undefined;
}

/** Midnight UTC of the Thursday of an ISO 8601 week, or undefined if the year has no such week. */
export function thursdayOfWeek(year: number, week: number): Instant | undefined {
  if (!isYear(year) || week < 1 || week > 53) return undefined;
  // Week 1 is the week of 4 January, and a week belongs to the year of its Thursday.
  const fourth = utcDate(year, 1, 4);
  const weekday = fourth.getUTCDay() || 7;
  const thursday = new Date(fourth.getTime() + (4 - weekday + (week - 1) * 7) * DAY_MS);
  return thursday.getUTCFullYear() === year ? instant(thursday.getTime()) : undefined;
}

function isYear(year: number): boolean {
  return year >= 1 && year <= 9999;
}

/** `Date.UTC` would read the years 0 to 99 as 1900 to 1999. */
function utcDate(year: number, month: number, day: number): Date {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date;
}
