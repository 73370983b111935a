import { fitted } from '../common/fitted.js';
import type { Instant } from '../common/units.js';
import { conditionAfter } from '../common/record.js';
import type { Condition } from '../common/record.js';
import { isForTheBeginning } from './causes/index.js';
import type { StatusRecord } from './lab.decision.js';
import type { Lab } from './lab.js';
import { storyOf } from './lab.ledger.js';
import type { Telling } from './lab.ledger.js';

/** Reason and message of one condition as JSON; three of them travel with every status write. */
const MESSAGE_BYTES = 512;

type Status = Condition['status'];
type Why = Pick<Condition, 'reason' | 'message'>;

/** The lab's conditions once `record` is written; they ride in writes that are made anyway. */
export function conditionsAfter(lab: Lab, record: StatusRecord, now: Instant): readonly Condition[] {
  const why = fitted(whyOf(lab, record, now), ['message'], excess);
  const { phase } = record;
  const condition = (type: Condition['type'], status: Status, because: Why = why): Condition => {
    const { reason, message } = because;
    const next = { type, status, reason, message, observedGeneration: lab.generation };
    return conditionAfter(lab.record.conditions, next, now);
  };
  // Being stopped does not undo that the life before had failed.
  const failed = lab.record.conditions.find((one) => one.type === 'Failed' && one.status === 'True');
  const keepsFailure = phase === 'stopped' && failed !== undefined;
  const hasFailed = phase === 'failed' || (phase === 'terminated' && record.failure !== undefined);
  return [
    condition('Ready', truth(phase === 'running' && record.ready !== false)),
    condition('Progressing', truth(phase === 'pending')),
    keepsFailure ? condition('Failed', 'True', failed) : condition('Failed', truth(hasFailed)),
  ];
}

function whyOf(lab: Lab, record: StatusRecord, now: Instant): Why {
  const { failure, tellings, lifeEnd, phase } = record;
  if (failure) return { reason: failure.reason, message: failure.cause };
  const told = phase === 'pending' ? holdingUp(lab, tellings, now) : tellings.at(-1);
  if (told) return told;
  if (lifeEnd !== undefined) return { reason: lifeEnd, message: 'The lab ended by itself' };
  return storyOf(lab).at(-1) ?? { reason: phase, message: `The lab is ${phase}` };
}

/**
 * What is told last; but a kubelet's words may come after what its pod's status shows, and are older: then what stands in
 * the way still does.
 */
function holdingUp(lab: Lab, tellings: readonly Telling[], now: Instant): Telling | undefined {
  const last = tellings.at(-1);
  const all: readonly Telling[] = [...storyOf(lab), ...tellings];
  const cause = all.findLast((one) => one.who !== undefined && !isForTheBeginning(one));
  return last && cause && (last.at ?? now) < (cause.at ?? now) ? cause : last;
}

const truth = (is: boolean): Status => (is ? 'True' : 'False');
const excess = ({ reason, message }: Why): number =>
  Buffer.byteLength(JSON.stringify({ reason, message })) - MESSAGE_BYTES;
