import { fitted } from '../common/fitted.js';
import type { Failure } from '../common/record.js';
import type { Instant } from '../common/units.js';
import { saysMostLast } from './causes/index.js';
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
  const wrong = wrongIn(lived, lab, record);
  const life: PastLife = {
    operationId: lived,
    image: lab.wish.image.reference,
    size: lab.wish.size,
    startedAt: beginningOf(lived, lab),
    endedAt: now,
    end: lifeEnd,
    ...(wrong && { cause: wrong.cause, ...(wrong.remedy !== null && { remedy: wrong.remedy }) }),
  };
  return [...past, inLittleRoom(life, wrong?.reason)].slice(-PAST_LIVES);
}

const isRecorded = (lived: string, { record }: Lab): boolean => record.operation?.id === lived;

function beginningOf(lived: string, lab: Lab): Instant {
  const told = isRecorded(lived, lab) ? lab.record.ledger[0]?.at : undefined;
  return told ?? lab.wish.operation.acceptedAt;
}

/** What went wrong in that life last. */
const wrongIn = (lived: string, lab: Lab, { failure }: StatusRecord): Omit<Failure, 'at'> | null =>
  failure ?? (isRecorded(lived, lab) ? lab.record.failure : null);

/** What is needed least is first. */
const TEXTS = ['cause', 'remedy', 'image', 'size'] as const;

/**
 * Texts are cut from their end. But of last words and their like the end says most, and more than the digest behind
 * an image's tag: these go before, but where the image itself is what went wrong.
 */
function inLittleRoom(life: PastLife, reason: string | undefined): PastLife {
  if (excess(life) <= 0) return life;
  const endCounts = reason !== undefined && saysMostLast(reason);
  const isBlamed = life.cause?.includes(life.image) ?? false;
  const image = isBlamed ? life.image : life.image.replace(/(?<=:[\w.-]+)@sha256:[0-9a-f]{64}$/, '');
  return fitted(endCounts ? withLastWords({ ...life, image }) : life, TEXTS, excess);
}

/** With the longest end of its last words for which there is room; as it is where there is none. */
function withLastWords(life: PastLife): PastLife {
  const [, sentence, words] = LAST_WORDS.exec(life.cause ?? '') ?? [];
  if (sentence === undefined || words === undefined) return life;
  const whole = (last: string): PastLife => ({ ...life, cause: `${sentence} (${last})` });
  const { last } = fitted({ last: words }, ['last'], (kept) => excess(whole(kept.last)), ['last']);
  return last === '…' || excess(whole(last)) > 0 ? life : whole(last);
}

/** A sentence, which may name an exit code, and what was said (`failureOf`). */
const LAST_WORDS = /^(.*?) \((?!exit code \d+\))(.+)\)$/su;

const excess = (life: PastLife): number => Buffer.byteLength(JSON.stringify(wireLife(life))) - LIFE_BYTES;
