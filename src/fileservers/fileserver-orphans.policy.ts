import { later } from '../common/units.js';
import type { Instant, Millis } from '../common/units.js';
import type { JobFacts, PartFacts } from './fileserver-observed.mapper.js';
import { INSTANCE, OWNER, USER_LABEL } from './fileserver.marks.js';
import { objectName, serverName } from './fileserver.names.js';
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

const PARTS: readonly Part[] = ['route', 'service', 'job'];

/**
 * What to do about objects without a record. A server that lives, or may come to live, is adopted, never removed; what
 * is left of one that is over, and old enough, goes. Anything that is another instance's or nobody's is left alone.
 */
export function decideOrphan(
  orphan: Orphan,
  terms: { readonly instance: string; readonly creationTimeout: Millis },
  now: Instant,
): OrphanDecision {
  if (mayLive(orphan)) return isAdoptable(orphan) ? { kind: 'adopt' } : { kind: 'leave' };
  const [first] = PARTS.filter((part) => mayRemove(orphan.parts[part], orphan.name, terms.instance));
  const found = first && orphan.parts[first];
  if (!found) return { kind: 'leave' };
  const until = later(found.createdAt, terms.creationTimeout);
  if (now < until) return { kind: 'leave', until };
  return { kind: 'remove', part: first, uid: found.uid, owner: found.labels[OWNER] };
}

const mayLive = ({ job, pod }: Orphan): boolean =>
  job !== undefined && !job.deleting && job.finished === undefined && pod !== undefined && !pod.over;

/** A Job of a Nublado controller, or ours whose record is gone, that says as whom it runs. */
function isAdoptable({ job, name }: Orphan): boolean {
  if (job?.identity === undefined || job.name !== objectName(name)) return false;
  if (serverName(name) !== name) return false;
  return job.labels[USER_LABEL] === name && job.labels[INSTANCE] === undefined;
}

function mayRemove(part: PartFacts | undefined, name: string, instance: string): boolean {
  if (!part || part.deleting || part.labels[USER_LABEL] !== name) return false;
  return part.labels[INSTANCE] === undefined || part.labels[INSTANCE] === instance;
}
