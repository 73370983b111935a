import type { PullReport } from '../images/index.js';
import type { ResolvedImage } from '../images/index.js';
import type { NodeRecord, Pull, WantedImage } from './prepull.js';

export const wantedOf = ({ digest, reference, tag }: ResolvedImage): WantedImage => ({
  digest,
  tag,
  reference,
  registry: registryOf(reference),
});

/** Of a full reference, as all of ours are: what stands before the first slash. */
export const registryOf = (reference: string): string => reference.split('/', 1)[0] ?? '';

/** What the matrix of images is told of one node: findings and pulls under way, one report an image. */
export function reportsOf(record: NodeRecord | undefined, pulls: readonly Pull[]): readonly PullReport[] {
  const reports = new Map<string, PullReport>();
  for (const finding of record?.findings ?? []) {
    const { at, digest, reference } = finding;
    const told =
      finding.state === 'proven'
        ? { provenAt: at }
        : { failure: { at, reason: finding.reason, message: finding.message } };
    reports.set(digest, { digest, reference, ...told });
  }
  for (const { createdAt, digest, end, reference } of pulls) {
    if (!end) reports.set(digest, { digest, reference, ...reports.get(digest), pullingSince: createdAt });
  }
  return [...reports.values()];
}
