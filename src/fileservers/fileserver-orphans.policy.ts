import { later } from '../common/units.js';
import type { Instant, Millis } from '../common/units.js';
import type { JobFacts, PartFacts } from './fileserver-observed.mapper.js';
import { INSTANCE, OWNER, USER_LABEL } from './fileserver.marks.js';
import { objectName, serverName } from './fileserver.names.js';
import { PARTS } from './fileserver.decision.js';
import type { Part } from './fileserver.decision.js';
import type { ObservedServerPod } from './fileserver.observed.js';

/** What stands in the file servers' namespace under a name that has no record. */
export interface Orphan {
  readonly name: string;
  readonly parts: Readonly<Record<Part, PartFacts | undefined>>;
  readonly job: JobFacts | undefined;
  readonly pod: ObservedServerPod | undefined;
}

export type OrphanDecision =
  | { readonly kind: 'leave'; readonly until?: Instant }
  | { readonly kind: 'adopt' }
  /** `owner`: the UID of a record that a live read must deny; absent where no Berth ever marked it. */
  | {
      readonly kind: 'remove';
      readonly part: Part;
      readonly uid: string;
      readonly owner: string | undefined;
    };

export interface OrphanTerms {
  readonly instance: string;
  readonly creationTimeout: Millis;
  /** Servers must ask us whose credentials they are shown. */
  readonly hasKey: boolean;
  /** UID of the record of that name, if there is one, which is stopped. */
  readonly filed: string | undefined;
}

/**
 * What to do about objects without a record that lives. A server that lives, or may come to live, is adopted, never
 * removed, unless a late write of ours made it after its end; what is left of one that is over, and old enough, goes.
 * Anything that is another instance's or nobody's is left alone.
 */
export function decideOrphan(orphan: Orphan, terms: OrphanTerms, now: Instant): OrphanDecision {
  if (mayLive(orphan, terms)) return isAdoptable(orphan, terms) ? { kind: 'adopt' } : { kind: 'leave' };
  const [first] = PARTS.filter((part) => mayRemove(orphan.parts[part], orphan.name, terms.instance));
  const found = first && orphan.parts[first];
  if (!found) return { kind: 'leave' };
  const until = later(found.createdAt, terms.creationTimeout);
  if (now < until) return { kind: 'leave', until };
  return { kind: 'remove', part: first, uid: found.uid, owner: found.labels[OWNER] };
}

function mayLive({ job, pod }: Orphan, { filed }: OrphanTerms): boolean {
  if (!job || job.deleting || job.finished !== undefined) return false;
  const isLate = filed !== undefined && job.labels[OWNER] === filed;
  return !isLate && pod !== undefined && !pod.over;
}

/**
 * A Job of a Nublado controller, or ours whose record is gone, that says as whom it runs. Not where servers ask us: one
 * that does not would be open to everybody, and the key of one that does is worth nothing without its record.
 */
function isAdoptable({ job, name }: Orphan, { instance, hasKey }: OrphanTerms): boolean {
  if (hasKey || job?.identity === undefined || job.asks) return false;
  if (job.name !== objectName(name) || serverName(name) !== name) return false;
  const mark = job.labels[INSTANCE];
  return job.labels[USER_LABEL] === name && (mark === undefined || mark === instance);
}

function mayRemove(part: PartFacts | undefined, name: string, instance: string): boolean {
  if (!part || part.deleting || part.derived || part.labels[USER_LABEL] !== name) return false;
  return part.labels[INSTANCE] === undefined || part.labels[INSTANCE] === instance;
}
