import type { CoreV1Event } from '@kubernetes/client-node';

import { storyEvent } from '../kubernetes/index.js';
import type { Lab, LedgerEntry } from './lab.js';
import { LABS } from './lab.resource.js';

/** The Kubernetes Event that tells `kubectl describe lab` what an entry says. Its name makes a repeat harmless. */
export function announcement(lab: Lab, namespace: string, entry: LedgerEntry): CoreV1Event {
  const { name, uid, wish } = lab;
  return storyEvent({ kind: LABS, namespace, name, uid }, wish.operation.id, entry);
}

/** Entries that name a cause of trouble; one of a closed operation's end is told apart. */
export const isCause = (entry: LedgerEntry): boolean =>
  entry.severity !== 'info' && entry.remedy !== undefined && entry.event !== 'failed';

export const isEnd = (entry: LedgerEntry): boolean => entry.event === 'failed' || entry.event === 'complete';
