import { later } from '../common/units.js';
import type { Instant, Millis } from '../common/units.js';
import type { Finding, NodeRecord, Pull, PullEnd, PullFailureReason, WantedImage } from './prepull.js';

/** A pod that the API server did not let us create. */
export interface Refusal {
  readonly digest: string;
  readonly reference: string;
  readonly reason: PullFailureReason;
  readonly message: string;
}

/** Something that happened to one image and is not in the record yet. */
export interface Outcome {
  readonly digest: string;
  readonly reference: string;
  readonly pod: string | undefined;
  readonly end: PullEnd;
}

interface Seen {
  readonly wanted: readonly WantedImage[];
  /** Digests of those that the node is not known to have. */
  readonly missing: ReadonlySet<string>;
  readonly pulls: readonly Pull[];
  readonly record: NodeRecord | undefined;
  readonly refusals: readonly Refusal[];
}

/** As many as the schema takes. */
const MOST_FINDINGS = 256;

/** What is to be recorded: pulls that ended or took too long, and pods that did not come into being. */
export function outcomesOf(
  { pulls, record, refusals, wanted }: Seen,
  timeout: Millis,
  now: Instant,
): readonly Outcome[] {
  const recorded = new Set((record?.findings ?? []).map(({ pod }) => pod));
  const ended = pulls.flatMap((pull) => {
    const end = pull.end ?? timedOut(pull, timeout, now);
    return end && !recorded.has(pull.uid) ? [{ ...pull, pod: pull.uid, end }] : [];
  });
  const refused = refusals.map(({ digest, reference, reason, message }) => ({
    digest,
    reference,
    pod: undefined,
    end: { kind: 'failed' as const, reason, message },
  }));
  return [...ended, ...refused].filter(({ digest }) => isWanted(digest, wanted));
}

function timedOut({ createdAt }: Pull, timeout: Millis, now: Instant): PullEnd | undefined {
  if (now < later(createdAt, timeout)) return undefined;
  const message = `Neither pulled nor refused within ${Math.round(timeout / 1000)} s`;
  return { kind: 'failed', reason: 'pull_timed_out', message };
}

/** Whether the record tells of a failure to pull what the node has got by other means: a lab, or the kubelet's own patience. */
export const hasOverdue = ({ missing, record, wanted }: Seen): boolean =>
  (record?.findings ?? []).some((finding) => isOverdue(finding, { missing, wanted }));

const isOverdue = (
  { digest, state }: Finding,
  { missing, wanted }: Pick<Seen, 'missing' | 'wanted'>,
): boolean => state === 'failed' && !missing.has(digest) && wanted.some((image) => image.digest === digest);

/** What the record says afterwards. Images that nobody wants any more are forgotten, and failures that are overcome. */
export function findingsAfter(
  { missing, record, wanted }: Seen,
  outcomes: readonly Outcome[],
  now: Instant,
): readonly Finding[] {
  const before = (record?.findings ?? []).filter((finding) => !isOverdue(finding, { missing, wanted }));
  const findings = new Map(before.map((finding) => [finding.digest, finding]));
  for (const outcome of outcomes) {
    findings.set(outcome.digest, findingAfter(outcome, findings.get(outcome.digest), now));
  }
  const kept = [...findings.values()].filter(({ digest }) => isWanted(digest, wanted));
  return kept.slice(-MOST_FINDINGS);
}

function findingAfter(
  { digest, end, pod, reference }: Outcome,
  before: Finding | undefined,
  now: Instant,
): Finding {
  const known = { digest, reference, pod };
  if (end.kind === 'proven') return { ...known, state: 'proven', at: end.at, took: end.took };
  const { reason, message } = end;
  const earlier = before?.state === 'failed' ? before : { since: now, attempts: 0 };
  const { since } = earlier;
  return { ...known, state: 'failed', at: now, reason, message, since, attempts: earlier.attempts + 1 };
}

/** While nobody knows what is wanted, everything is. */
const isWanted = (digest: string, wanted: readonly WantedImage[]): boolean =>
  wanted.length === 0 || wanted.some((image) => image.digest === digest);
