import type { CoreV1Event } from '@kubernetes/client-node';
import { wholeOf } from '../common/ledger.js';
import type { LedgerEntry } from '../common/ledger.js';
import { rfc3339 } from '../common/units.js';
import type { Instant } from '../common/units.js';
import { apiVersionOf } from './resource.js';
import type { ResourceKind } from './resource.js';

export const OBJECT_EVENTS: ResourceKind<CoreV1Event> = {
  group: '',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  namespaced: true,
};

/** An object of ours, as `kubectl describe` finds the events about it. */
export interface Described {
  readonly kind: ResourceKind;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** What is told, and the words that make a repeat of it harmless. */
export interface Announcement {
  /** Distinguishes this event from all others about the object. */
  readonly id: string;
  readonly at: Instant;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/** The Kubernetes Event that tells `kubectl describe` of one object what `told` says. */
export function objectEvent(about: Described, told: Announcement): CoreV1Event {
  const { kind, namespace, name, uid } = about;
  const event: unknown = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${name}.${told.id}`, namespace },
    involvedObject: { apiVersion: apiVersionOf(kind), kind: kind.kind, name, namespace, uid },
    type: told.type,
    reason: told.reason,
    message: told.message,
    source: { component: 'berth' },
    firstTimestamp: rfc3339(told.at),
    lastTimestamp: rfc3339(told.at),
    count: 1,
  };
  return event as CoreV1Event;
}

/** The same of an entry of an operation's story. */
export const storyEvent = (about: Described, operation: string, told: LedgerEntry): CoreV1Event =>
  objectEvent(about, {
    id: `${operation}.${told.number}`,
    at: told.at,
    type: told.severity === 'info' ? 'Normal' : 'Warning',
    reason: told.reason,
    message: wholeOf(told),
  });
