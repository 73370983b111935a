import type { KubeObject } from '../objects.js';
import type { Column } from '../resources/resource.js';

const DAY_S = 86_400;

/** Age in the words of kubectl: two units while young, one when old. */
export function humanAge(seconds: number): string {
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 120) return `${Math.floor(seconds)}s`;
  if (seconds < 600) return two(seconds, 60, 'm', 's');
  if (seconds < 10_800) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 28_800) return two(seconds, 3600, 'h', 'm');
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)}h`;
  if (seconds < 8 * DAY_S) return two(seconds, DAY_S, 'd', 'h');
  if (seconds < 730 * DAY_S) return `${Math.floor(seconds / DAY_S)}d`;
  return `${Math.floor(seconds / (365 * DAY_S))}y`;
}

function two(seconds: number, unit: number, big: string, small: string): string {
  const smallUnit: Record<string, number> = { s: 1, m: 60, h: 3600 };
  const rest = Math.floor((seconds % unit) / (smallUnit[small] ?? 1));
  const whole = `${Math.floor(seconds / unit)}${big}`;
  return rest === 0 ? whole : `${whole}${rest}${small}`;
}

export function ageOf(time: unknown, nowMs: number): string {
  if (typeof time !== 'string' || time === '') return '<unknown>';
  return humanAge((nowMs - Date.parse(time)) / 1000);
}

export const NAME: Column = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: 'Name must be unique within a namespace.',
  cell: (object: KubeObject) => object.metadata.name,
};

export const AGE: Column = {
  name: 'Age',
  type: 'string',
  description: 'CreationTimestamp is the server time when this object was created.',
  cell: (object, nowMs) => ageOf(object.metadata.creationTimestamp, nowMs),
};

export const CREATED_AT: Column = {
  name: 'Created At',
  type: 'date',
  description: 'CreationTimestamp is the server time when this object was created.',
  cell: (object) => object.metadata.creationTimestamp ?? null,
};

export function column(name: string, cell: Column['cell'], more: Partial<Column> = {}): Column {
  return { name, type: 'string', cell, ...more };
}
