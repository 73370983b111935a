import { PLACES } from './lab.ledger.js';
import type { LedgerEntry } from './lab.js';
import type { ProgressItem, ProgressStream } from './lab.views.js';
import type { OperationStory } from './operation-story.js';

/** One reader of one operation: keeps nothing but its place. */
export class ProgressReader implements ProgressStream {
  private closed = false;
  private wake: () => void = () => undefined;
  private hinted: LedgerEntry | undefined;

  constructor(
    private readonly story: OperationStory,
    private place: number,
    private readonly onClose: () => void,
  ) {}

  async *items(): AsyncIterable<ProgressItem> {
    try {
      while (!this.closed) {
        yield* this.ready();
        if (this.story.ended && this.place >= this.story.entries.length) break;
        await this.changed();
      }
    } finally {
      this.close();
    }
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.wake();
    this.onClose();
  }

  /** What this reader has not had: first the story, then the latest hint. */
  private *ready(): Iterable<ProgressItem> {
    for (;;) {
      const entry = this.story.entries[this.place];
      if (!entry || this.closed) break;
      this.place = entry.number;
      yield { id: `${this.story.operation.id}-${entry.number}`, entry };
    }
    const hint = this.story.latestHint;
    if (!hint || hint === this.hinted || this.closed) return;
    this.hinted = hint;
    yield { entry: hint };
  }

  private async changed(): Promise<void> {
    const { entries, latestHint } = this.story;
    // A hint that was taken back is nothing to wait for, whatever was read before: without that, this would spin.
    const caughtUp = this.place >= entries.length && (latestHint === undefined || latestHint === this.hinted);
    if (this.closed || this.story.ended || !caughtUp) return;
    await new Promise<void>((resolve) => {
      const forget = this.story.next(resolve);
      this.wake = () => {
        forget();
        resolve();
      };
    });
  }
}

/** How many entries of `operation` a reader has had, by the id of the last; 0 for anything that is no such id. */
export function placeAfter(lastId: string | undefined, operation: string): number {
  const [, id, number] = /^([a-z2-7]{10})-(\d{1,3})$/.exec(lastId ?? '') ?? [];
  const place = Number(number);
  // No operation gets that far: waiting for what comes after it would be waiting for ever.
  return id === operation && place <= PLACES ? place : 0;
}
