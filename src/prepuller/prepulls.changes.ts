import type { ImageMatrix } from '../images/index.js';

/** Names of the nodes whose row changed; `undefined` after a change of what is wanted, which changes everything. */
export type ChangedNodes = readonly string[] | undefined;

/**
 * Follows the matrix for one reader: what changes while the reader reads is told once, however often it changes, so that
 * a slow reader costs no memory.
 */
export class PrepullsChanges {
  private readonly dirty = new Set<string>();
  private readonly stop: () => void;
  private wanted: unknown;
  private closed = false;
  private changed: () => void = () => undefined;
  private left: () => void = () => undefined;

  /** @param gather calls back when enough changes had time to come together */
  constructor(
    private readonly matrix: ImageMatrix,
    private readonly gather: (done: () => void) => () => void,
  ) {
    this.wanted = matrix.wantedImages();
    this.stop = matrix.onChange((node) => {
      this.dirty.add(node);
      this.changed();
    });
  }

  async *batches(): AsyncGenerator<ChangedNodes, void> {
    while (!this.closed) {
      await this.change();
      await this.pause();
      if (this.dirty.size > 0) yield this.take();
    }
  }

  /** The reader has gone. Idempotent. */
  close(): void {
    this.closed = true;
    this.stop();
    this.dirty.clear();
    this.changed();
    this.left();
  }

  private take(): ChangedNodes {
    const nodes = [...this.dirty].sort();
    this.dirty.clear();
    const before = this.wanted;
    this.wanted = this.matrix.wantedImages();
    return before === this.wanted ? nodes : undefined;
  }

  private async change(): Promise<void> {
    if (this.dirty.size > 0 || this.closed) return;
    await new Promise<void>((resolve) => (this.changed = resolve));
  }

  private async pause(): Promise<void> {
    if (this.closed) return;
    await new Promise<void>((resolve) => {
      const cancel = this.gather(resolve);
      this.left = () => {
        cancel();
        resolve();
      };
    });
  }
}
