import { fitted } from '../common/fitted.js';
import type { Instant } from '../common/units.js';
import { conditionAfter } from '../common/record.js';
import type { Condition } from '../common/record.js';
import type { StatusRecord } from './lab.decision.js';
import type { Lab } from './lab.js';
import { storyOf } from './lab.ledger.js';

/** Reason and message of one condition as JSON; three of them travel with every status write. */
const MESSAGE_BYTES = 512;

type Status = Condition['status'];
type Why = Pick<Condition, 'reason' | 'message'>;

/** The lab's conditions once `record` is written; they ride in writes that are made anyway. */
export function conditionsAfter(lab: Lab, record: StatusRecord, now: Instant): readonly Condition[] {
  const why = fitted(whyOf(lab, record), ['message'], excess);
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

function whyOf(lab: Lab, record: StatusRecord): Why {
  const { failure, tellings, lifeEnd, phase } = record;
  if (failure) return { reason: failure.reason, message: failure.cause };
  const told = tellings.at(-1);
  if (told) return told;
  if (lifeEnd !== undefined) return { reason: lifeEnd, message: 'The lab ended by itself' };
  return storyOf(lab).at(-1) ?? { reason: phase, message: `The lab is ${phase}` };
}

const truth = (is: boolean): Status => (is ? 'True' : 'False');
const excess = ({ reason, message }: Why): number =>
  Buffer.byteLength(JSON.stringify({ reason, message })) - MESSAGE_BYTES;
