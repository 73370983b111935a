import type { PullReport, WishedImage } from '../images/index.js';
import type { Finding, NodeRecord, Pull, WantedImage } from './prepull.js';

export const wantedOf = ({ aliases, digest, reference, tag }: WishedImage): WantedImage => ({
  digest,
  tag,
  aliases,
  reference,
  registry: registryOf(reference),
});

/** Of a full reference, as all of ours are: what stands before the first slash. */
export const registryOf = (reference: string): string =>
  reference.slice(0, Math.max(0, reference.indexOf('/')));

/** What the matrix of images is told of one node: findings and pulls under way, one report an image. */
export function reportsOf(record: NodeRecord | undefined, pulls: readonly Pull[]): readonly PullReport[] {
  const reports = new Map<string, PullReport>();
  for (const finding of record?.findings ?? []) {
    const { aliases, digest, reference } = finding;
    reports.set(digest, { digest, reference, aliases, ...told(finding) });
  }
  for (const { createdAt, digest, end, reference } of pulls) {
    if (!end) reports.set(digest, { digest, reference, ...reports.get(digest), pullingSince: createdAt });
  }
  return [...reports.values()];
}

function told(finding: Finding): Partial<PullReport> {
  const { at, state } = finding;
  if (state === 'proven') return { provenAt: at };
  if (state === 'listed') return { sightedAt: at };
  return { failure: { at, reason: finding.reason, message: finding.message } };
}
