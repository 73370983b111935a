import type { Fields, KubeObject } from '../objects.js';
import { fieldsOf } from '../objects.js';

/** Names of the same field in core/v1 and in events.k8s.io/v1. */
const RENAMED: readonly (readonly [string, string])[] = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['reportingComponent', 'reportingController'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
];

/** An event as events.k8s.io shows it; stored it is always of the core group. */
export function eventFromStored(event: KubeObject): KubeObject {
  return {
    ...renamed(event, RENAMED),
    kind: 'Event',
    apiVersion: 'events.k8s.io/v1',
    metadata: event.metadata,
  };
}

export function eventToStored(event: KubeObject): KubeObject {
  const back = RENAMED.map(([core, view]) => [view, core] as const);
  const stored = renamed(event, back);
  if (Object.keys(fieldsOf(stored['involvedObject'])).length === 0) stored['involvedObject'] = {};
  return { ...stored, kind: 'Event', apiVersion: 'v1', metadata: event.metadata };
}

function renamed(event: Fields, names: readonly (readonly [string, string])[]): Fields {
  const result: Fields = { ...event };
  for (const [from, to] of names) {
    if (!(from in result)) continue;
    result[to] = result[from];
    Reflect.deleteProperty(result, from);
  }
  return result;
}
