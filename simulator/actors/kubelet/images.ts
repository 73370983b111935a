import { createHash } from 'node:crypto';
import { repositoryOf } from './script.js';

interface Stored {
  names: string[];
  sizeBytes: number;
}

/** What a kubelet lists at most in its node's status. */
const listedImages = 50;

/** The digest an image reference stands for, as far as nobody knows better. */
export function derivedDigest(image: string): string {
  return `sha256:${createHash('sha256').update(image).digest('hex')}`;
}

/** The images on one node, and the line in which pulls wait where the node pulls one at a time. */
export class ImageStore {
  private readonly images = new Map<string, Stored>();
  private line: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly serial: boolean,
    private readonly digestOf: (image: string) => string,
    private readonly changed: () => void,
  ) {}

  /** The pinned form of a reference, as in `imageID`: repository and digest. */
  pinned(image: string): string {
    const digest = image.split('@')[1] ?? this.digestOf(image);
    return `${repositoryOf(image)}@${digest}`;
  }

  has(image: string): boolean {
    const names = this.images.get(this.pinned(image))?.names ?? [];
    return names.includes(this.listed(image));
  }

  /** Puts an image on the node without any pull. */
  add(image: string, sizeBytes: number): void {
    const pinned = this.pinned(image);
    const stored = this.images.get(pinned) ?? { names: [pinned], sizeBytes };
    const name = this.listed(image);
    if (!stored.names.includes(name)) stored.names.push(name);
    this.images.set(pinned, stored);
    this.changed();
  }

  remove(image: string): void {
    this.images.delete(this.pinned(image));
    this.changed();
  }

  /** As the node's status lists them: the largest first, fifty at most. */
  list(): { names: string[]; sizeBytes: number }[] {
    return [...this.images.values()].sort((a, b) => b.sizeBytes - a.sizeBytes).slice(0, listedImages);
  }

  /** Runs a pull, after those before it where the node is serial. */
  inLine<T>(pull: () => Promise<T>): Promise<T> {
    if (!this.serial) return pull();
    const turn = this.line.then(pull);
    this.line = turn.catch(() => undefined);
    return turn;
  }

  /** containerd drops the tag of a reference that also has a digest. */
  private listed(image: string): string {
    return image.includes('@') ? this.pinned(image) : image;
  }
}
