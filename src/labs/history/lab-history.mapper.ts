import type { Addressee, Lab, PastLife } from '../lab.js';
import { REASONS, isReasonCode } from '../causes/index.js';
import { currentProgress, phaseOf } from '../lab.phase.js';
import type { LabHistoryView, LifeView, PresentLife } from '../lab.views.js';

/** What there is to tell of a lab's lives, the latest first. */
export function historyOf(lab: Lab): LabHistoryView {
  return {
    username: lab.wish.owner.username,
    current: presentOf(lab),
    lives: lab.record.past.map(lifeOf).reverse(),
  };
}

/** A record keeps what it has room for; the catalogue knows the rest. */
function lifeOf(life: PastLife): LifeView {
  const known = catalogued(life.end);
  return {
    operationId: life.operationId,
    image: life.image,
    size: life.size,
    startedAt: life.startedAt,
    endedAt: life.endedAt,
    end: life.end,
    cause: life.cause ?? known?.meaning ?? null,
    remedy: wholeOf(life.remedy) ?? known?.remedy ?? null,
    who: known?.who ?? null,
  };
}

/** Undefined for a text of which too little is left to be of use. */
const wholeOf = (text: string | undefined): string | undefined => (text?.endsWith('…') ? undefined : text);

const ALIVE: ReadonlySet<string> = new Set(['pending', 'running', 'terminating']);

/** Null for a lab whose last life is over: that one is among the lives. */
function presentOf(lab: Lab): PresentLife | null {
  const phase = phaseOf(lab);
  if (!ALIVE.has(phase)) return null;
  const { wish } = lab;
  const trouble = currentProgress(lab) ? lab.record.failure : null;
  return {
    operationId: wish.operation.id,
    image: wish.image.reference,
    size: wish.size,
    startedAt: wish.operation.acceptedAt,
    phase,
    cause: trouble?.cause ?? null,
    remedy: trouble?.remedy ?? null,
  };
}

const catalogued = (
  code: string,
): { readonly meaning: string; readonly remedy: string; readonly who: Addressee } | undefined =>
  isReasonCode(code) ? REASONS[code] : undefined;
