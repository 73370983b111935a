import type { CoreV1Event } from '@kubernetes/client-node';

import { apiVersionOf } from '../kubernetes/index.js';
import type { ResourceKind } from '../kubernetes/index.js';
import type { Lab, LedgerEntry } from './lab.js';
import { rfc3339 } from './lab.mapper.js';
import { LABS } from './lab.resource.js';

export const EVENTS: ResourceKind<CoreV1Event> = {
  group: '',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  namespaced: true,
};

/** The Kubernetes Event that tells `kubectl describe lab` what an entry says. Its name makes a repeat harmless. */
export function announcement(lab: Lab, namespace: string, entry: LedgerEntry): CoreV1Event {
  const at = rfc3339(entry.at);
  const event: unknown = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${lab.name}.${lab.wish.operation.id}.${entry.number}`, namespace },
    involvedObject: {
      apiVersion: apiVersionOf(LABS),
      kind: LABS.kind,
      name: lab.name,
      namespace,
      uid: lab.uid,
    },
    type: entry.severity === 'info' ? 'Normal' : 'Warning',
    reason: entry.reason,
    message: entry.remedy === undefined ? entry.message : `${entry.message}. ${entry.remedy}`,
    source: { component: 'berth' },
    firstTimestamp: at,
    lastTimestamp: at,
    count: 1,
  };
  return event as CoreV1Event;
}

/** Entries that name a cause of trouble; one of a closed operation's end is told apart. */
export const isCause = (entry: LedgerEntry): boolean =>
  entry.severity !== 'info' && entry.remedy !== undefined && entry.event !== 'failed';

export const isEnd = (entry: LedgerEntry): boolean => entry.event === 'failed' || entry.event === 'complete';
