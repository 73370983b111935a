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

/** What the record says afterwards. Images that nobody wants any more are forgotten. */
export function findingsAfter(
  { record, wanted }: Seen,
  outcomes: readonly Outcome[],
  now: Instant,
): readonly Finding[] {
  const findings = new Map((record?.findings ?? []).map((finding) => [finding.digest, finding]));
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
