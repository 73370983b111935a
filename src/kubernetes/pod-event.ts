import type { Instant } from '../common/units.js';
import { identityOf } from './meta.js';
import type { KubeObject, ResourceKind } from './resource.js';

/** What a kubelet, the scheduler or a controller said about one pod. */
export interface PodEvent {
  readonly namespace: string;
  readonly podName: string;
  readonly podUid: string;
  /** Of the Event object; a repeated event keeps it and gets a new version. */
  readonly uid: string;
  readonly resourceVersion: string;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  /** How often it has happened so far. */
  readonly count: number;
  /** When it last happened, by the clock of whoever said it. */
  readonly at: Instant;
  readonly component: string;
  /** Names the container: `spec.containers{notebook}`. */
  readonly fieldPath?: string | undefined;
}

/** An Event (core/v1) as far as we read it. Two generations of writers fill different fields. */
export interface EventObject extends KubeObject {
  readonly involvedObject?: {
    readonly kind?: string;
    readonly namespace?: string;
    readonly name?: string;
    readonly uid?: string;
    readonly fieldPath?: string;
  };
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly count?: number;
  readonly series?: { readonly count?: number; readonly lastObservedTime?: string } | null;
  readonly firstTimestamp?: string | null;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
  readonly source?: { readonly component?: string };
  readonly reportingComponent?: string;
}

export const EVENTS: ResourceKind<EventObject> = {
  group: '',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  namespaced: true,
};

export function readPodEvent(event: EventObject): PodEvent {
  const { name: podName = '', uid: podUid = '', fieldPath } = event.involvedObject ?? {};
  const { namespace = '', uid, version: resourceVersion } = identityOf(event);
  const { reason = '', message = '' } = event;
  return {
    ...{ namespace, podName, podUid, uid, resourceVersion, reason, message, fieldPath },
    type: event.type === 'Warning' ? 'Warning' : 'Normal',
    ...occurrence(event),
    component: componentOf(event),
  };
}

/** The older API counts in `count` and `lastTimestamp`, the newer one in `series` and `eventTime`. */
function occurrence({ metadata, series, count, ...event }: EventObject): Pick<PodEvent, 'count' | 'at'> {
  const times = [series?.lastObservedTime, event.lastTimestamp, event.eventTime, event.firstTimestamp];
  const last = times.find((time) => typeof time === 'string') ?? String(metadata?.creationTimestamp ?? '');
  const at = Date.parse(last);
  return { count: series?.count ?? count ?? 1, at: (Number.isNaN(at) ? 0 : at) as Instant };
}

function componentOf({ reportingComponent, source }: EventObject): string {
  return reportingComponent !== undefined && reportingComponent !== ''
    ? reportingComponent
    : (source?.component ?? '');
}

const QUOTE = 0x22;
const NAMESPACE = Buffer.from('"namespace":"');
const VERSION = Buffer.from('"resourceVersion":"');

/** The value of the first such key in a raw watch line, without parsing it. Quotes inside texts are escaped and cannot look like a key. */
function firstString(line: Buffer, key: Buffer): string | undefined {
  const at = line.indexOf(key);
  if (at < 0) return undefined;
  const start = at + key.length;
  const end = line.indexOf(QUOTE, start);
  return end < 0 ? undefined : line.toString('latin1', start, end);
}

/** The event's own namespace or its pod's: both are the same. Undefined when the line is written otherwise and must be parsed. */
export const namespaceInLine = (line: Buffer): string | undefined => firstString(line, NAMESPACE);

/** The event's own version; from a server that orders its keys differently its pod's, which is older. */
export const versionInLine = (line: Buffer): string | undefined => firstString(line, VERSION);
