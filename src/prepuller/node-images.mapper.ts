import type { Plain } from '../common/plain.js';
import { millis, rfc3339, timeOf } from '../common/units.js';
import type { Instant } from '../common/units.js';
import type { FindingResource, NodeImagesResource, NodeImagesStatus } from './node-images.resource.js';
import type { Failure, Finding, NodeRecord, Proof, PullFailureReason } from './prepull.js';

type Metadata = Partial<Plain<NonNullable<NodeImagesResource['metadata']>>>;

/** What the custom resource says; what it lacks is the beginning of time, or nothing. Never throws. */
export function recordOf({ metadata, status }: NodeImagesResource): NodeRecord {
  const { name = '', uid = '', resourceVersion = '', ownerReferences = [] }: Metadata = metadata ?? {};
  return {
    node: name,
    uid,
    resourceVersion,
    nodeUid: ownerReferences.find(({ kind }) => kind === 'Node')?.uid,
    findings: (status?.images ?? []).map(findingOf),
  };
}

function findingOf(stored: FindingResource): Finding {
  const { aliases = [], digest, reference, pod, state } = stored;
  const known = { digest, reference, aliases, at: timeOf(stored.at), pod };
  if (state === 'proven') return { ...known, state, took: tookOf(stored) };
  return state === 'listed' ? { ...known, state } : { ...known, ...failureOf(stored, known.at) };
}

const tookOf = ({ seconds }: FindingResource): Proof['took'] =>
  seconds === undefined ? undefined : millis(seconds * 1000);

/** A reason of a later version stays what it is: nothing depends on its being known. */
const failureOf = (
  stored: FindingResource,
  at: Instant,
): Pick<Failure, 'state' | 'reason' | 'message' | 'since' | 'attempts'> => ({
  state: 'failed',
  reason: (stored.reason ?? 'pull_failed') as PullFailureReason,
  message: stored.message ?? '',
  since: stored.since === undefined ? at : timeOf(stored.since),
  attempts: stored.attempts ?? 1,
});

/** The status that says `findings`. */
export function statusOf(findings: readonly Finding[]): NodeImagesStatus {
  const failures = findings.filter((finding) => finding.state === 'failed');
  const latest = failures.reduce<Failure | undefined>(
    (last, failure) => (last && last.at >= failure.at ? last : failure),
    undefined,
  );
  return {
    proven: findings.filter(({ state }) => state === 'proven').length,
    failed: failures.length,
    ...(latest && { reason: latest.reason }),
    images: findings.map(storedFinding),
  };
}

function storedFinding(finding: Finding): FindingResource {
  const { aliases, digest, reference, pod, state } = finding;
  const names = { digest, reference, ...(aliases.length > 0 && { aliases }) };
  const known = { ...names, state, at: rfc3339(finding.at), ...(pod !== undefined && { pod }) };
  if (finding.state === 'listed') return known;
  if (finding.state === 'proven') {
    return { ...known, ...(finding.took !== undefined && { seconds: finding.took / 1000 }) };
  }
  const { reason, message, attempts } = finding;
  return { ...known, reason, message, since: rfc3339(finding.since), attempts };
}
