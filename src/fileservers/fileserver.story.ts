import { entry } from '../common/ledger.js';
import type { LedgerEntry, Telling } from '../common/ledger.js';
import { currentProgress } from './fileserver.js';
import type { FileServer, ServerWish } from './fileserver.js';

/** Entry 1 of an operation: follows from the wish, so that nothing is written for it. */
function firstEntry({ owner, operation }: ServerWish): LedgerEntry {
  const { username } = owner;
  const openings: Record<ServerWish['operation']['kind'], { reason: string; message: string }> = {
    start: { reason: 'start_accepted', message: `Starting the file server of ${username}` },
    adopt: { reason: 'adopted', message: `Taking over the file server of ${username}` },
    stop: { reason: 'stop_accepted', message: `Stopping the file server of ${username}` },
  };
  return entry(openings[operation.kind], 1, operation.acceptedAt);
}

/** What is told of the wish's operation so far, entry 1 first. */
export const storyOf = (server: FileServer): readonly LedgerEntry[] => [
  firstEntry(server.wish),
  ...(currentProgress(server) ? server.record.ledger : []),
];

/** What is told besides causes. */
export const TOLD = {
  ready: {
    reason: 'ready',
    event: 'complete',
    message: 'The file server is ready',
  },
  gone: { reason: 'stopped', event: 'complete', message: 'The file server is stopped' },
} as const satisfies Readonly<Record<string, Telling>>;
