import { fitted } from '../common/fitted.js';
import type { Instant } from '../common/units.js';
import type { StatusRecord } from './lab.decision.js';
import type { Lab, PastLife } from './lab.js';
import { wireLife } from './lab.mapper.js';

const PAST_LIVES = 10;
/** One life as JSON (design section 2). */
const LIFE_BYTES = 512;

/** The lab's past with the life that `record` ends, if it ends one. Each is entered once: by the failed spawn itself, or by the stop after it. */
export function pastAfter(lab: Lab, record: StatusRecord, now: Instant): readonly PastLife[] {
  const { past, operation } = lab.record;
  const { id, kind } = lab.wish.operation;
  const lived = kind === 'stop' ? operation?.id : id;
  const { lifeEnd } = record;
  if (lifeEnd === undefined || lived === undefined) return past;
  if (past.some((life) => life.operationId === lived)) return past;
  const life: PastLife = {
    operationId: lived,
    image: lab.wish.image.reference,
    size: lab.wish.size,
    startedAt: beginningOf(lived, lab),
    endedAt: now,
    end: lifeEnd,
    ...wrongIn(lived, lab, record),
  };
  return [...past, fitted(life, ['cause', 'remedy', 'image', 'size'], excess)].slice(-PAST_LIVES);
}

const isRecorded = (lived: string, { record }: Lab): boolean => record.operation?.id === lived;

function beginningOf(lived: string, lab: Lab): Instant {
  const told = isRecorded(lived, lab) ? lab.record.ledger[0]?.at : undefined;
  return told ?? lab.wish.operation.acceptedAt;
}

function wrongIn(lived: string, lab: Lab, { failure }: StatusRecord): Pick<PastLife, 'cause' | 'remedy'> {
  const wrong = failure ?? (isRecorded(lived, lab) ? lab.record.failure : null);
  if (!wrong) return {};
  const { cause, remedy } = wrong;
  return remedy === null ? { cause } : { cause, remedy };
}

const excess = (life: PastLife): number => Buffer.byteLength(JSON.stringify(wireLife(life))) - LIFE_BYTES;
