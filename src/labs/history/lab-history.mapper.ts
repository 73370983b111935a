import type { Lab, PastLife } from '../lab.js';
import { REASONS, addresseeOf, isReasonCode, silenced } from '../causes/index.js';
import type { Silence } from '../lab.observed.js';
import { currentProgress, phaseOf } from '../lab.phase.js';
import type { LabHistoryView, LifeView, PresentLife } from '../lab.views.js';

/** What there is to tell of a lab's lives, the latest first; with `silence` of the node that runs it now. */
export function historyOf(lab: Lab, silence?: Silence): LabHistoryView {
  return {
    username: lab.wish.owner.username,
    current: presentOf(lab, silence),
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
    who: addresseeOf(life.end, life.remedy),
  };
}

/** Undefined for a text of which too little is left to be of use. */
const wholeOf = (text: string | undefined): string | undefined => (text?.endsWith('…') ? undefined : text);

const ALIVE: ReadonlySet<string> = new Set(['pending', 'running', 'terminating']);

/** Null for a lab whose last life is over: that one is among the lives. */
function presentOf(lab: Lab, silence: Silence | undefined): PresentLife | null {
  const phase = phaseOf(lab);
  if (!ALIVE.has(phase)) return null;
  const { wish } = lab;
  return {
    operationId: wish.operation.id,
    image: wish.image.reference,
    size: wish.size,
    startedAt: wish.operation.acceptedAt,
    phase,
    ...troubleOf(lab, phase === 'running' ? silence : undefined),
  };
}

/** What went wrong last; before all, that nobody hears of it. */
function troubleOf(lab: Lab, silence: Silence | undefined): Pick<PresentLife, 'cause' | 'remedy'> {
  if (silence) {
    const { message, remedy = null } = silenced(silence.node);
    return { cause: message, remedy };
  }
  const { cause = null, remedy = null } = (currentProgress(lab) && lab.record.failure) ?? {};
  return { cause, remedy };
}

const catalogued = (code: string): { readonly meaning: string; readonly remedy: string } | undefined =>
  isReasonCode(code) ? REASONS[code] : undefined;
