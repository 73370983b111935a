import type { WantedImage } from './prepull.js';

/** How much may be pulled at once. */
export interface PullBounds {
  readonly total: number;
  readonly perRegistry: number;
}

/** A pull under way, as far as the bounds care. */
export type ActivePull = Pick<WantedImage, 'digest' | 'registry'>;

/** A node that wants to pull one of its images, the first preferred. */
export interface Applicant {
  readonly node: string;
  readonly images: readonly WantedImage[];
  /** Of them all, each once: hundreds of nodes are asked after at every pod, mostly in vain. */
  readonly registries: readonly string[];
  /** Place of its first image in the order of wanting. */
  readonly rank: number;
}

export interface Admission {
  readonly node: string;
  readonly image: WantedImage;
}

/**
 * Which nodes may pull now, and what: the image that people want most goes to all nodes before the next does.
 *
 * No image takes more than half of what there is, so that one that hangs everywhere leaves the other half to the rest.
 */
export function admit(
  applicants: readonly Applicant[],
  active: readonly ActivePull[],
  bounds: PullBounds,
): readonly Admission[] {
  if (active.length >= bounds.total) return [];
  const count = new Counts(active, bounds);
  const admitted: Admission[] = [];
  const hopeful = applicants.filter(({ registries }) => !registries.every((one) => count.isFull(one)));
  // Sorting is stable: among equals, whoever has waited longest comes first.
  for (const { node, images } of hopeful.sort((a, b) => a.rank - b.rank)) {
    const image = images.find((one) => count.hasRoomFor(one));
    if (!image) continue;
    count.add(image);
    admitted.push({ node, image });
    if (count.total >= bounds.total) break;
  }
  return admitted;
}

class Counts {
  total = 0;
  private readonly registries = new Map<string, number>();
  private readonly images = new Map<string, number>();
  private readonly perImage: number;

  constructor(
    active: readonly ActivePull[],
    private readonly bounds: PullBounds,
  ) {
    this.perImage = Math.ceil(Math.min(bounds.total, bounds.perRegistry) / 2);
    for (const pull of active) this.add(pull);
  }

  add({ digest, registry }: ActivePull): void {
    this.total += 1;
    this.registries.set(registry, (this.registries.get(registry) ?? 0) + 1);
    this.images.set(digest, (this.images.get(digest) ?? 0) + 1);
  }

  isFull(registry: string): boolean {
    const { perRegistry, total } = this.bounds;
    return this.total >= total || (this.registries.get(registry) ?? 0) >= perRegistry;
  }

  hasRoomFor({ digest, registry }: ActivePull): boolean {
    return !this.isFull(registry) && (this.images.get(digest) ?? 0) < this.perImage;
  }
}
