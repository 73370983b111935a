import { millis } from '../common/units.js';
import type { Millis } from '../common/units.js';
import { isPrepulled } from '../images/index.js';
import type { NodeImage, NodeRow, ResolvedImage } from '../images/index.js';
import type { NodeRecord } from './prepull.js';
import type { CellView, ImageView, NodeView } from './prepulls.views.js';
import { retryAt } from './pull-patience.policy.js';
import type { Patience } from './pull-patience.policy.js';

/** A row of the matrix with what is kept of that node. */
export interface KnownRow {
  readonly row: NodeRow;
  readonly record: NodeRecord | undefined;
  readonly labWaits: boolean;
}

export function nodeView({ labWaits, record, row }: KnownRow, patience: Patience): NodeView {
  const { comment, eligible, name } = row;
  const images = [...row.images].map(([digest, image]) =>
    cellView(name, digest, { image, record, patience }),
  );
  return { name, eligible, comment, labWaits, images };
}

interface Known {
  readonly image: NodeImage;
  readonly record: NodeRecord | undefined;
  readonly patience: Patience;
}

function cellView(node: string, digest: string, { image, patience, record }: Known): CellView {
  const { message, provenAt, reason, since, sizeBytes: size, state } = image;
  const finding = record?.findings.find((one) => one.digest === digest);
  const failure = finding?.state === 'failed' && !isPrepulled(state) ? finding : undefined;
  return {
    digest,
    state,
    reason,
    message,
    since,
    provenAt,
    size,
    took: finding?.state === 'proven' ? finding.took : undefined,
    attempts: failure?.attempts ?? 0,
    retryAt: failure && retryAt(failure, node, patience),
  };
}

export function imageView(image: ResolvedImage, nodes: readonly NodeView[], prepulled: boolean): ImageView {
  const { digest, displayName: name, reference, tag } = image;
  const cells = nodes.flatMap(({ images, ...node }) =>
    images.flatMap((cell) => (cell.digest === digest ? [{ node, cell }] : [])),
  );
  const having = cells.filter(({ cell }) => isPrepulled(cell.state));
  const lacking = cells.filter(({ cell, node }) => node.eligible && !isPrepulled(cell.state));
  const sizes = cells.flatMap(({ cell }) => cell.size ?? []);
  return {
    reference: withoutDigest(reference),
    tag,
    name,
    digest,
    prepulled,
    size: sizes.length === 0 ? undefined : (Math.max(...sizes) as (typeof sizes)[number]),
    nodes: having.map(({ node }) => node.name).sort(),
    missing: lacking.map(({ node }) => node.name).sort(),
    pulls: durationsOf(cells.flatMap(({ cell }) => cell.took ?? [])),
  };
}

function durationsOf(spans: readonly Millis[]): ImageView['pulls'] {
  if (spans.length === 0) return undefined;
  const sorted = [...spans].sort((a, b) => a - b);
  const at = (index: number): Millis => sorted[index] ?? millis(0);
  return { count: sorted.length, median: at(sorted.length >> 1), longest: at(sorted.length - 1) };
}

const withoutDigest = (reference: string): string => reference.split('@', 1)[0] ?? '';
