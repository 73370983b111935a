import type { CoreV1Event } from '@kubernetes/client-node';

import { objectEvent, storyEvent } from '../kubernetes/index.js';
import type { Lab, LedgerEntry } from './lab.js';
import { LABS } from './lab.resource.js';

/** The Kubernetes Event that tells `kubectl describe lab` what an entry says. Its name makes a repeat harmless. */
export function announcement(lab: Lab, namespace: string, entry: LedgerEntry): CoreV1Event {
  const { name, uid, wish } = lab;
  return storyEvent({ kind: LABS, namespace, name, uid }, wish.operation.id, entry);
}

/** What befell a lab whose story is closed: once for each reason, in the words of its record. */
export function mishap(lab: Lab, namespace: string): CoreV1Event | undefined {
  const { name, uid, wish, record } = lab;
  if (!record.failure) return undefined;
  const { reason, cause, remedy, at } = record.failure;
  return objectEvent(
    { kind: LABS, namespace, name, uid },
    {
      id: `${wish.operation.id}.${reason.replaceAll(/[^a-z0-9]+/g, '-')}`,
      ...{ at, type: 'Warning', reason },
      message: remedy === null ? cause : `${cause}. ${remedy}`,
    },
  );
}

/** Entries that name a cause of trouble; one of a closed operation's end is told apart. */
export const isCause = (entry: LedgerEntry): boolean =>
  entry.severity !== 'info' && entry.remedy !== undefined && entry.event !== 'failed';

export const isEnd = (entry: LedgerEntry): boolean => entry.event === 'failed' || entry.event === 'complete';
