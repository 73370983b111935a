import { seconds } from '../common/units.js';
import type { Instant } from '../common/units.js';
import type { NodeImageList } from './image-node.js';
import type { NodeImage, PullReport } from './node-image.js';

/** Kubelets list so many images at most (`nodeStatusMaxImages`), the largest; a list that long may lack any image. */
export const FULL_LIST = 50;
/**
 * A list may be older than the status that carries it: kubelets look at their images every 30 s, and write the status
 * up to 10 s later. A proof this much younger than a list is not contradicted by it.
 */
const LIST_LAG = seconds(60);

export interface NodeImageFacts {
  readonly digest: string;
  readonly list: NodeImageList | undefined;
  readonly report: PullReport | undefined;
  /** Whether an earlier list of this node had it; then a list without it is news, however old a proof. */
  readonly listedBefore: boolean;
}

/** A state without the time since when this process has known it. */
export type JudgedImage = Omit<NodeImage, 'since'> & { readonly since?: Instant | undefined };

/** What can be said of an image on a node (design section 6). */
export function decideNodeImage(facts: NodeImageFacts): JudgedImage {
  const { digest, list, report } = facts;
  const { provenAt } = report ?? {};
  const sizeBytes = list?.sizes.get(digest);
  const judged = { message: '', provenAt };
  if (sizeBytes !== undefined) return { ...judged, state: 'present', reason: 'listed', sizeBytes };
  const told = report && judgeReport(report, doubtOf(facts));
  if (told) return { ...judged, ...told };
  if (!list) return { ...judged, state: 'unknown', reason: 'no_list' };
  if (list.length >= FULL_LIST) return { ...judged, state: 'unknown', reason: 'list_full' };
  return { ...judged, state: 'absent', reason: provenAt === undefined ? 'not_listed' : 'collected' };
}

/** What pulls have shown, the latest first; a proof counts only while the list may be wrong about it. */
function judgeReport(
  { provenAt, failure, pullingSince }: PullReport,
  doubt: string | undefined,
): Omit<JudgedImage, 'message'> | JudgedImage | undefined {
  const failed = failure && failure.at > (provenAt ?? -Infinity) ? failure : undefined;
  if (provenAt !== undefined && doubt && !failed) return { state: 'proven', reason: doubt, since: provenAt };
  if (pullingSince !== undefined) return { state: 'pulling', reason: 'pulling', since: pullingSince };
  return failed && { state: 'failed', reason: failed.reason, message: failed.message, since: failed.at };
}

/** Why the list cannot deny a proof; undefined if it can. */
function doubtOf({ list, report, listedBefore }: NodeImageFacts): string | undefined {
  if (!list) return 'no_list';
  if (list.length >= FULL_LIST) return 'list_full';
  const { provenAt } = report ?? {};
  if (listedBefore || provenAt === undefined || list.reportedAt === undefined) return undefined;
  return list.reportedAt < provenAt + LIST_LAG ? 'list_older' : undefined;
}
