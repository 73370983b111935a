import { later } from '../common/units.js';
import type { Instant, Millis } from '../common/units.js';
import type { Finding, NodeRecord, Pull, WantedImage } from './prepull.js';
import { prepullName } from './prepull.names.js';
import { isShared } from './pull-failure.policy.js';
import { findingsAfter, isOutdated, outcomesOf } from './pull-outcome.policy.js';
import type { Refusal } from './pull-outcome.policy.js';
import { retryAt } from './pull-patience.policy.js';
import type { Patience } from './pull-patience.policy.js';

/** A node as the prepuller sees it. */
export interface ObservedNode {
  readonly name: string;
  /** Undefined if labs are not meant for it, or it is gone. */
  readonly uid: string | undefined;
  /** Labs could start there now. */
  readonly eligible: boolean;
  /** In the order of wanting; empty also while nobody knows what is wanted. */
  readonly wanted: readonly WantedImage[];
  /** Digests of those that the node is not known to have. */
  readonly missing: ReadonlySet<string>;
  /** Our pods there. */
  readonly pulls: readonly Pull[];
  readonly record: NodeRecord | undefined;
  /** Pods that did not come into being, not yet recorded. */
  readonly refusals: readonly Refusal[];
  /** A lab waits there for its images. */
  readonly labWaits: boolean;
  /** The earliest time of the next write of its record. */
  readonly writableAt: Instant;
}

export interface PrepullTerms extends Patience {
  readonly pullTimeout: Millis;
  /** Pulls at once on one node. */
  readonly perNode: number;
}

export type PrepullStep =
  /** The record is of another node of that name. */
  | { readonly do: 'drop_record'; readonly uid: string }
  | { readonly do: 'record'; readonly findings: readonly Finding[] }
  | { readonly do: 'delete_pull'; readonly pull: Pull; readonly reason: 'ended' | 'unwanted' | 'node_unfit' }
  /** Any of these, the first preferred, as far as the bounds over all nodes allow one. */
  | { readonly do: 'pull'; readonly images: readonly WantedImage[] };

export interface PrepullDecision {
  /** Undefined if nothing is to be done now. */
  readonly step: PrepullStep | undefined;
  /** When to look again, if nothing happens before; undefined if only an event can change anything. */
  readonly until: Instant | undefined;
}

/** What to do next for one node. Pure; one write a step. */
export function decidePrepull(seen: ObservedNode, terms: PrepullTerms, now: Instant): PrepullDecision {
  const until = nextLook(seen, terms, now);
  const step =
    seen.uid === undefined ? removal(seen) : (bookkeeping(seen, terms, now) ?? nextPull(seen, terms, now));
  return { step, until };
}

/** Nothing is pulled onto a node that labs are not meant for; its record goes with the Node object. */
function removal({ pulls }: ObservedNode): PrepullStep | undefined {
  const pull = pulls.find(({ isBeingDeleted }) => !isBeingDeleted);
  return pull && { do: 'delete_pull', pull, reason: 'node_unfit' };
}

/** What was learnt is written down before the pod that tells it is removed. */
function bookkeeping(seen: ObservedNode, terms: PrepullTerms, now: Instant): PrepullStep | undefined {
  const { record, uid } = seen;
  if (record && record.nodeUid !== uid) return { do: 'drop_record', uid: record.uid };
  const outcomes = outcomesOf(seen, terms.pullTimeout, now);
  if ((outcomes.length > 0 || isOutdated(seen)) && now >= seen.writableAt) {
    return { do: 'record', findings: findingsAfter(seen, outcomes, now) };
  }
  for (const pull of seen.pulls) {
    const reason = pull.isBeingDeleted ? undefined : endOfNeed(pull, seen);
    if (reason) return { do: 'delete_pull', pull, reason };
  }
  return undefined;
}

function endOfNeed(
  { digest, uid, end }: Pull,
  { eligible, record, wanted }: ObservedNode,
): 'ended' | 'unwanted' | 'node_unfit' | undefined {
  if (wanted.length > 0 && !wanted.some((image) => image.digest === digest)) return 'unwanted';
  if (record?.findings.some((finding) => finding.pod === uid)) return 'ended';
  return eligible || end ? undefined : 'node_unfit';
}

function nextPull(seen: ObservedNode, terms: PrepullTerms, now: Instant): PrepullStep | undefined {
  if (!seen.eligible || seen.labWaits || activePulls(seen) >= terms.perNode) return undefined;
  const held = heldUntil(seen, terms);
  if (held !== undefined && now < held) return undefined;
  const images = candidates(seen).filter(({ digest }) => now >= dueAt(digest, seen, terms));
  return images.length > 0 ? { do: 'pull', images } : undefined;
}

const activePulls = ({ pulls }: ObservedNode): number => pulls.filter(({ end }) => !end).length;

/** What is missing and not in hand, whether or not its time has come. */
const candidates = ({ missing, name, pulls, refusals, wanted }: ObservedNode): readonly WantedImage[] =>
  wanted.filter(
    ({ digest, tag }) =>
      missing.has(digest) &&
      !pulls.some((pull) => pull.digest === digest || pull.name === prepullName(tag, name)) &&
      !refusals.some((refusal) => refusal.digest === digest),
  );

/**
 * When an image may be tried: at once, or after the pause that its failures call for. A node that lost what was proven just
 * now is short of room, or does not list it by that digest: pulling it at once would go on for ever.
 */
function dueAt(digest: string, { name, record }: ObservedNode, terms: PrepullTerms): Instant {
  const finding = record?.findings.find((one) => one.digest === digest);
  if (!finding || finding.state === 'listed') return 0 as Instant;
  return finding.state === 'failed' ? retryAt(finding, name, terms) : later(finding.at, terms.longestRetry);
}

/** A full disk or a registry that is down fails every image alike: the others wait for the first pause too, no longer. */
function heldUntil({ record }: ObservedNode, { firstRetry }: PrepullTerms): Instant | undefined {
  const ends = (record?.findings ?? []).flatMap((finding) =>
    finding.state === 'failed' && isShared(finding.reason) ? [later(finding.at, firstRetry)] : [],
  );
  return ends.length === 0 ? undefined : (Math.max(...ends) as Instant);
}

/** The next time at which the clock alone changes what is to be done. */
function nextLook(seen: ObservedNode, terms: PrepullTerms, now: Instant): Instant | undefined {
  if (seen.uid === undefined) return undefined;
  const timeouts = seen.pulls.flatMap(({ createdAt, end }) =>
    end ? [] : [later(createdAt, terms.pullTimeout)],
  );
  const dues = seen.eligible ? candidates(seen).map(({ digest }) => dueAt(digest, seen, terms)) : [];
  const isDue = isOutdated(seen) || outcomesOf(seen, terms.pullTimeout, now).length > 0;
  const written = isDue ? [seen.writableAt] : [];
  const held = dues.length > 0 ? heldUntil(seen, terms) : undefined;
  const times = [...written, ...timeouts, ...dues, ...(held === undefined ? [] : [held])];
  const coming = times.filter((time) => time > now);
  return coming.length === 0 ? undefined : (Math.min(...coming) as Instant);
}
