import { instant, later } from '../common/units.js';
import type { Instant, Millis } from '../common/units.js';
import type {
  Finding,
  NodeRecord,
  Pull,
  PullEnd,
  PullFailureReason,
  Sighting,
  WantedImage,
} from './prepull.js';

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
  /** Labs could start there now. */
  readonly eligible: boolean;
  readonly wanted: readonly WantedImage[];
  /** Digests of those that the node is not known to have. */
  readonly missing: ReadonlySet<string>;
  readonly pulls: readonly Pull[];
  readonly record: NodeRecord | undefined;
  readonly refusals: readonly Refusal[];
}

/** As many as the schema takes. */
const MOST_FINDINGS = 256;
const MOST_ALIASES = 64;

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

/**
 * Whether the record says what is not so any more, or not all that should outlive this process: a failure to pull what the
 * node has got by other means (a lab, the kubelet's own patience), other names, an image that nobody had to pull.
 */
export function isOutdated(seen: Seen): boolean {
  const findings = seen.record?.findings ?? [];
  return (
    findings.some((finding) => isOverdue(finding, seen) || named(finding, seen.wanted) !== finding) ||
    sightings(seen, findings, instant(0)).length > 0
  );
}

const isOverdue = ({ digest, state }: Finding, { missing, wanted }: Seen): boolean =>
  state === 'failed' && !missing.has(digest) && wanted.some((image) => image.digest === digest);

/** The same finding if its names are what they should be. */
function named(finding: Finding, wanted: readonly WantedImage[]): Finding {
  const image = wanted.find(({ digest }) => digest === finding.digest);
  if (!image || (finding.reference === image.reference && isSame(finding.aliases, image.aliases)))
    return finding;
  const aliases = aliasesAfter(finding, image, wanted);
  const same = finding.reference === image.reference && isSame(finding.aliases, aliases);
  return same ? finding : { ...finding, reference: image.reference, aliases };
}

const isSame = (names: readonly string[], others: readonly string[]): boolean =>
  names.length === others.length && names.every((name, index) => name === others[index]);

/**
 * The names that an image has now, and those that it had as long as no other image is known to have them: a registry that
 * does not tell everything after a restart must not make us forget.
 */
function aliasesAfter(
  { aliases }: Pick<Finding, 'aliases'>,
  image: WantedImage,
  wanted: readonly WantedImage[],
): readonly string[] {
  const taken = new Set([
    image.tag,
    ...wanted.flatMap((one) => (one === image ? [] : [one.tag, ...one.aliases])),
  ]);
  const kept = aliases.filter((alias) => !taken.has(alias));
  return [...new Set([...image.aliases, ...kept])].slice(0, MOST_ALIASES).sort();
}

/** What the node has although no pull of ours is known to have brought it. */
function sightings(
  { eligible, missing, pulls, wanted }: Seen,
  findings: readonly Finding[],
  at: Instant,
): readonly Sighting[] {
  if (!eligible) return [];
  const known = new Set([...missing, ...[...findings, ...pulls].map(({ digest }) => digest)]);
  return wanted
    .filter(({ digest }) => !known.has(digest))
    .map(({ aliases, digest, reference }) => ({
      state: 'listed',
      digest,
      reference,
      aliases,
      at,
      pod: undefined,
    }));
}

/** What the record says afterwards. Images that nobody wants any more are forgotten, and failures that are overcome. */
export function findingsAfter(seen: Seen, outcomes: readonly Outcome[], now: Instant): readonly Finding[] {
  const { record, wanted } = seen;
  const before = (record?.findings ?? []).filter((finding) => !isOverdue(finding, seen));
  const findings = new Map(before.map((finding) => [finding.digest, finding]));
  for (const outcome of outcomes) {
    findings.set(outcome.digest, findingAfter(outcome, findings.get(outcome.digest), now));
  }
  const kept = [...findings.values()].filter(({ digest }) => isWanted(digest, wanted));
  const all = [...sightings(seen, kept, now), ...kept.map((finding) => named(finding, wanted))];
  return all.slice(-MOST_FINDINGS);
}

function findingAfter(
  { digest, end, pod, reference }: Outcome,
  before: Finding | undefined,
  now: Instant,
): Finding {
  const known = { digest, reference, aliases: before?.aliases ?? [], pod };
  if (end.kind === 'proven') return { ...known, state: 'proven', at: end.at, took: end.took };
  const { reason, message } = end;
  const earlier = before?.state === 'failed' ? before : { since: now, attempts: 0 };
  const { since } = earlier;
  return { ...known, state: 'failed', at: now, reason, message, since, attempts: earlier.attempts + 1 };
}

/** While nobody knows what is wanted, everything is. */
const isWanted = (digest: string, wanted: readonly WantedImage[]): boolean =>
  wanted.length === 0 || wanted.some((image) => image.digest === digest);
