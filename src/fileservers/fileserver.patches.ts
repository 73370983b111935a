import { additions } from '../common/ledger.js';
import type { LedgerEntry } from '../common/ledger.js';
import { fitted } from '../common/fitted.js';
import { conditionAfter, wireCondition, wireEntry } from '../common/record.js';
import type { Condition } from '../common/record.js';
import type { Instant } from '../common/units.js';
import { apiVersionOf, appendedStatus, isWish, openedStatus, unfinalizedPatch } from '../kubernetes/index.js';
import type { JsonPatchOperation, KubeObject } from '../kubernetes/index.js';
import type { StatusRecord } from './fileserver.decision.js';
import { currentProgress } from './fileserver.js';
import type { FileServer, ServerFailure, ServerProgress, ServerWish } from './fileserver.js';
import { specOf, wireProgress, wireServerFailure } from './fileserver.mapper.js';
import { serverName } from './fileserver.names.js';
import { FILE_SERVERS } from './fileserver.resource.js';
import type { FileServerResource } from './fileserver.resource.js';
import { storyOf } from './fileserver.story.js';

/** There from creation: deleting a FileServer means stop, then forget. */
const FINALIZER = 'berth.dev/fileserver';
const RAW_NAME = 'berth.dev/raw-name';
/** The failure's cause as JSON, and what a condition says. */
const CAUSE_BYTES = 1024;
const MESSAGE_BYTES = 512;

export interface StatusPatch {
  readonly operations: readonly JsonPatchOperation[];
  readonly added: readonly LedgerEntry[];
}

/**
 * The status write that makes `record` true. The first of an operation replaces the status, and proves by the resource
 * version that the wish it saw is still the wish; later ones append, and prove that nobody appended meanwhile.
 */
export function statusPatch(
  server: FileServer,
  record: StatusRecord,
  context: { readonly url: string; readonly now: Instant },
): StatusPatch {
  const { now, url } = context;
  const added = additions(storyOf(server), record.tellings, now);
  const { kind } = server.wish.operation;
  const known = currentProgress(server);
  const failure = failureOf(server, record, now);
  const changes = {
    phase: record.phase,
    observedGeneration: server.generation,
    operation: wireProgress(progressAfter(server, record, added)),
    conditions: conditionsAfter(server, { record, failure, added }, now).map(wireCondition),
    ...(failure ? { failure: wireServerFailure(failure) } : {}),
  };
  const entries = added.map(wireEntry);
  const operations = known
    ? appendedStatus(server, known, { entries, changes })
    : openedStatus(server, { ...changes, ...(kind === 'stop' ? {} : { url }), ledger: entries });
  return { operations, added };
}

function progressAfter(
  server: FileServer,
  record: StatusRecord,
  added: readonly LedgerEntry[],
): ServerProgress {
  const { id, kind } = server.wish.operation;
  const known = currentProgress(server) ?? { last: 1, ended: null };
  return { id, kind, last: added.at(-1)?.number ?? known.last, ended: record.ended ?? known.ended };
}

/** A failure is kept while its remains are removed, and until the next start has something to say. */
function failureOf(server: FileServer, record: StatusRecord, now: Instant): ServerFailure | null {
  const { id, kind } = server.wish.operation;
  if (record.failure) {
    const failure: ServerFailure = { ...record.failure, operation: id, at: now };
    const excess = ({ cause }: ServerFailure): number => bytesOf(cause) - CAUSE_BYTES;
    return fitted(failure, ['cause'], excess);
  }
  return kind === 'stop' || currentProgress(server) ? server.record.failure : null;
}

interface Telling {
  readonly record: StatusRecord;
  readonly failure: ServerFailure | null;
  readonly added: readonly LedgerEntry[];
}

/** The server's conditions once `record` is written; they ride in writes that are made anyway. */
function conditionsAfter(
  server: FileServer,
  { record, failure, added }: Telling,
  now: Instant,
): readonly Condition[] {
  const { phase } = record;
  const because = record.ready === false ? UNREACHABLE : lastWords(server, phase, added);
  const why = failure ? failureWords(failure) : because;
  const condition = (type: Condition['type'], is: boolean, words: Words): Condition => {
    const status = is ? 'True' : 'False';
    const { reason, message } = fitted(words, ['message'], (one) => bytesOf(one.message) - MESSAGE_BYTES);
    const next = { type, status, reason, message, observedGeneration: server.generation } as const;
    return conditionAfter(server.record.conditions, next, now);
  };
  return [
    condition('Ready', phase === 'running' && record.ready !== false, because),
    condition('Progressing', phase === 'pending', because),
    condition('Failed', phase === 'failed', why),
  ];
}

type Words = Pick<Condition, 'reason' | 'message'>;

const UNREACHABLE: Words = {
  reason: 'not_reachable',
  message: 'The pod is not ready, or its route is not open',
};

function lastWords(server: FileServer, phase: string, added: readonly LedgerEntry[]): Words {
  return added.at(-1) ?? storyOf(server).at(-1) ?? { reason: phase, message: `The file server is ${phase}` };
}

const failureWords = ({ reason, cause, remedy }: ServerFailure): Words => ({
  reason,
  message: remedy === null ? cause : `${cause}. ${remedy}`,
});

const bytesOf = (text: string): number => Buffer.byteLength(JSON.stringify(text));

/** A new start over a record that is stopped, if its wish is still the one that was read. */
export const startPatch = (server: FileServer, wish: ServerWish): readonly JsonPatchOperation[] => [
  ...isWish(server),
  { op: 'replace', path: '/spec', value: specOf(wish) },
];

/** Lets go of a resource that somebody deleted. */
export const forgetPatch = (server: FileServer): readonly JsonPatchOperation[] =>
  unfinalizedPatch(server, FINALIZER);

/** A FileServer resource as it is first written. */
export function newServer(namespace: string, wish: ServerWish): FileServerResource {
  const { username } = wish.owner;
  const name = serverName(username);
  const metadata: Partial<NonNullable<KubeObject['metadata']>> = {
    name,
    namespace,
    annotations: name === username ? {} : { [RAW_NAME]: username },
    finalizers: [FINALIZER],
  };
  return {
    apiVersion: apiVersionOf(FILE_SERVERS),
    kind: FILE_SERVERS.kind,
    metadata,
    spec: specOf(wish),
  };
}
