import { Injectable } from '@nestjs/common';
import type { OnModuleDestroy, OnModuleInit } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { Log } from '../common/logger.js';
import { AppSettings } from '../config/index.js';
import type { ImageNode } from './image-node.js';
import type { ListedImage } from './image-registry.js';
import type { Repository, WishedImage } from './image.js';
import { isPrepulled } from './node-image.js';
import type { NodeImage, PullReport, PullReports } from './node-image.js';
import { decideNodeImage } from './node-image.policy.js';
import type { JudgedImage } from './node-image.policy.js';
import { ineligibility } from './node.policy.js';
import { provenImages } from './proven-images.js';
import { NodesRepository } from './nodes.repository.js';

/** One node that labs are meant for, with every wanted image. */
export interface NodeRow {
  readonly name: string;
  /** Of the Node object. */
  readonly uid: string;
  /** Whether a lab could start there now. */
  readonly eligible: boolean;
  /** Why not. */
  readonly comment: string | undefined;
  /** By digest, in the order of wanting. */
  readonly images: ReadonlyMap<string, NodeImage>;
}

/**
 * Which images are on which nodes: the one place that knows. Fed by a watch on nodes, by the prepuller's reports and by
 * the catalogue's wishes; held in memory, the same on every replica but for `since` of what no report dates.
 */
@Injectable()
export class ImageMatrix implements PullReports, OnModuleInit, OnModuleDestroy {
  private readonly rows = new Map<string, NodeRow>();
  private readonly reports = new Map<string, ReadonlyMap<string, PullReport>>();
  private readonly listeners = new Set<(node: string) => void>();
  private wanted: readonly WishedImage[] = [];
  private stopWatching: () => void = () => undefined;

  constructor(
    private readonly nodes: NodesRepository,
    private readonly settings: AppSettings,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  onModuleInit(): void {
    this.stopWatching = this.nodes.onChange((name) => this.judge(name));
  }

  onModuleDestroy(): void {
    this.stopWatching();
  }

  /** Every node is known. Until then, nothing can be called prepulled everywhere. */
  get synced(): boolean {
    return this.nodes.synced;
  }

  /** What should be on every eligible node, the recommended image first, then the newest; each digest once. */
  wantedImages(): readonly WishedImage[] {
    return this.wanted;
  }

  row(node: string): NodeRow | undefined {
    return this.rows.get(node);
  }

  /** Sorted by name. */
  allRows(): readonly NodeRow[] {
    return [...this.rows.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /**
   * Whether every eligible node has an image; true also if there is no eligible node (contract 4.8), false while nodes
   * are not known.
   */
  isPrepulled(digest: string): boolean {
    if (!this.synced) return false;
    for (const { name, eligible, images } of this.rows.values()) {
      const cell = images.get(digest) ?? this.judged(name, digest, false);
      if (eligible && !isPrepulled(cell.state)) return false;
    }
    return true;
  }

  report(node: string, reports: readonly PullReport[]): void {
    if (reports.length === 0) this.reports.delete(node);
    else this.reports.set(node, new Map(reports.map((report) => [report.digest, report])));
    this.judge(node);
  }

  /** What nodes and pulls prove to be somewhere, whatever the registry says: all that is known while it is silent. */
  provenImages(source: Repository): readonly ListedImage[] {
    const reports = [...this.reports.values()].flatMap((some) => [...some.values()]);
    return provenImages(source, this.nodes.list(), reports);
  }

  /** Changes what is wanted; called when the catalogue has. */
  want(images: readonly WishedImage[]): void {
    const same = images.length === this.wanted.length;
    if (same && images.every((image, index) => isSameWish(image, this.wanted[index]))) return;
    this.wanted = images;
    for (const name of this.rows.keys()) this.judge(name, { toldAnyway: true });
  }

  /** Calls back with the name of each node whose row came, changed or went. A listener that throws is logged. */
  onChange(listener: (node: string) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  private judge(name: string, { toldAnyway = false } = {}): void {
    const node = this.nodes.get(name);
    const before = this.rows.get(name);
    if (!node) {
      if (this.rows.delete(name)) this.tell(name);
      return;
    }
    const row = this.rowOf(node, before);
    this.rows.set(name, row);
    if (toldAnyway || !before || !isSameRow(row, before)) this.tell(name);
  }

  private rowOf(node: ImageNode, before: NodeRow | undefined): NodeRow {
    const comment = ineligibility(node, this.settings.lab);
    const images = new Map(
      this.wanted.map(({ digest }) => [digest, this.cell(node.name, digest, before?.images.get(digest))]),
    );
    return { name: node.name, uid: node.uid, eligible: comment === undefined, comment, images };
  }

  private judged(node: string, digest: string, listedBefore: boolean): JudgedImage {
    const report = this.reports.get(node)?.get(digest);
    return decideNodeImage({ digest, list: this.nodes.get(node)?.list, report, listedBefore });
  }

  private cell(node: string, digest: string, before: NodeImage | undefined): NodeImage {
    // A newer proof begins a new story: what the list had before says nothing about it.
    const sameProof = before?.provenAt === this.reports.get(node)?.get(digest)?.provenAt;
    const judged = this.judged(node, digest, sameProof && wasListed(before));
    const unchanged = before?.state === judged.state && before.reason === judged.reason;
    return { ...judged, since: judged.since ?? (unchanged ? before.since : this.clock.now()) };
  }

  private tell(node: string): void {
    for (const listener of this.listeners) {
      try {
        listener(node);
      } catch (error) {
        this.log.error('listener of the image matrix failed', { node, error });
      }
    }
  }
}

const isSameWish = (a: WishedImage, b: WishedImage | undefined): boolean =>
  a.reference === b?.reference && a.aliases.join() === b.aliases.join();

const wasListed = (image: NodeImage | undefined): boolean =>
  image?.reason === 'listed' || image?.reason === 'collected';

function isSameRow(a: NodeRow, b: NodeRow): boolean {
  if (a.uid !== b.uid || a.comment !== b.comment || a.images.size !== b.images.size) return false;
  for (const [digest, image] of a.images) {
    const other = b.images.get(digest);
    if (!other || !isSameImage(image, other)) return false;
  }
  return true;
}

const isSameImage = (a: NodeImage, b: NodeImage): boolean =>
  a.state === b.state &&
  a.reason === b.reason &&
  a.message === b.message &&
  a.since === b.since &&
  a.provenAt === b.provenAt &&
  a.sizeBytes === b.sizeBytes;
