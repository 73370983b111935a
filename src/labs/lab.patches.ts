import { fitted } from '../common/fitted.js';
import { wireCondition, wireEntry, wireFailure } from '../common/record.js';
import type { Failure } from '../common/record.js';
import type { Instant } from '../common/units.js';
import { apiVersionOf, appendedStatus, isWish, openedStatus, unfinalizedPatch } from '../kubernetes/index.js';
import type { JsonPatchOperation, KubeObject } from '../kubernetes/index.js';
import type { StatusRecord } from './lab.decision.js';
import { additions, storyOf } from './lab.ledger.js';
import { conditionsAfter } from './lab.conditions.js';
import type { Lab, LabWish, LedgerEntry, OperationProgress } from './lab.js';
import { specOf, wireLife, wireProgress } from './lab.mapper.js';
import { LAB_FINALIZER, STATE_LABEL, STOPPED, labelsOf } from './lab.marks.js';
import { RAW_NAME } from './lab.names.js';
import { pastAfter } from './lab.past.js';
import { currentProgress } from './lab.phase.js';
import { LABS } from './lab.resource.js';
import type { LabResource } from './lab.resource.js';

/** The failure's cause as JSON. */
const CAUSE_BYTES = 1024;

/** What a status write is made of besides the record itself. */
export interface RecordContext {
  readonly deadline: Instant;
  readonly internalUrl: string;
  readonly now: Instant;
}

/** Operations of one status write, and the entries it adds. */
export interface StatusPatch {
  readonly operations: readonly JsonPatchOperation[];
  readonly added: readonly LedgerEntry[];
}

/**
 * The status write that makes `record` true.
 *
 * The first of an operation replaces the status of the operation before, and proves by the resource version that
 * the wish it saw is still the wish. Later ones append, and prove by the last number that nobody appended meanwhile.
 */
export function statusPatch(lab: Lab, record: StatusRecord, context: RecordContext): StatusPatch {
  const added = additions(storyOf(lab), record.tellings, context.now);
  const progress = progressed(lab, record, context.deadline, added);
  const past = pastAfter(lab, record, context.now);
  const changes = {
    phase: record.phase,
    observedGeneration: lab.generation,
    operation: wireProgress(progress),
    conditions: conditionsAfter(lab, record, context.now).map(wireCondition),
    ...(past.length > 0 ? { past: past.map(wireLife) } : {}),
    ...failureOf(lab, record, context.now),
  };
  const entries = added.map(wireEntry);
  const known = currentProgress(lab);
  const operations = known
    ? appendedStatus(lab, known, { entries, changes })
    : openedStatus(lab, { ...changes, internalUrl: context.internalUrl, ledger: entries });
  return { operations, added };
}

/**
 * The least that makes `record` true, for a store that will not have more: without the lives before, and without what
 * only explains.
 */
export function leastPatch(lab: Lab, record: StatusRecord, context: RecordContext): StatusPatch {
  const bare = { ...lab, record: { ...lab.record, past: [] } };
  const tellings = record.tellings.filter(({ event = 'info' }) => event !== 'info');
  const plain = tellings.map(({ evidence: _words, ...telling }) => telling);
  const { operations, added } = statusPatch(bare, { ...record, tellings: plain }, context);
  const isOpened = operations.some(({ path }) => path === '/status');
  const isKept = isOpened || operations.some(({ path }) => path === '/status/past');
  const without = { op: 'add', path: '/status/past', value: [] } as const;
  return { operations: isKept ? operations : [...operations, without], added };
}

function progressed(
  lab: Lab,
  record: StatusRecord,
  deadline: Instant,
  added: readonly LedgerEntry[],
): OperationProgress {
  const { id, kind } = lab.wish.operation;
  const known = currentProgress(lab) ?? { last: 1, objectsCreated: false, ended: null, restarts: 0 };
  return {
    id,
    kind,
    deadline,
    last: added.at(-1)?.number ?? known.last,
    objectsCreated: record.objectsCreated ?? known.objectsCreated,
    ended: record.ended ?? known.ended,
    restarts: record.restarts ?? known.restarts,
  };
}

/** The last failure is kept until the next spawn says something. */
function failureOf(lab: Lab, record: StatusRecord, now: Instant): object {
  const kept = lab.wish.operation.kind === 'stop' ? lab.record.failure : null;
  const failure = record.failure ? { ...record.failure, at: now } : currentProgress(lab) ? null : kept;
  return failure ? { failure: wireFailure(fitted(failure, ['cause'], causeExcess)) } : {};
}

const causeExcess = ({ cause }: Failure): number => Buffer.byteLength(JSON.stringify(cause)) - CAUSE_BYTES;

/** `/` and `~` in a label's name, as JSON pointers spell them. */
const pointer = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');

const label = (name: string, value: string): JsonPatchOperation => ({
  op: 'add',
  path: `/metadata/labels/${pointer(name)}`,
  value,
});

/** A new spawn over a record that is stopped or failed, if its wish is still the one that was read. */
export function spawnPatch(lab: Lab, wish: LabWish): readonly JsonPatchOperation[] {
  return [
    ...isWish(lab),
    { op: 'replace', path: '/spec', value: specOf(wish) },
    ...Object.entries(labelsOf(wish)).map(([name, value]) => label(name, value)),
  ];
}

/** The last write of a stop: out of sight of those who look at labs that live. */
export function stoppedLabelPatch(lab: Lab): readonly JsonPatchOperation[] {
  return [...isWish(lab), label(STATE_LABEL, STOPPED)];
}

/** Lets go of a resource that somebody deleted. */
export const forgetPatch = (record: {
  readonly uid: string;
  readonly finalizers: readonly string[];
}): readonly JsonPatchOperation[] => unfinalizedPatch(record, LAB_FINALIZER);

/** A Lab resource as it is first written. */
export function newLab(name: string, namespace: string, wish: LabWish): LabResource {
  const { username } = wish.owner;
  const metadata: Partial<NonNullable<KubeObject['metadata']>> = {
    name,
    namespace,
    labels: labelsOf(wish),
    annotations: name === username ? {} : { [RAW_NAME]: username },
    finalizers: [LAB_FINALIZER],
  };
  return { apiVersion: apiVersionOf(LABS), kind: LABS.kind, metadata, spec: specOf(wish) };
}
