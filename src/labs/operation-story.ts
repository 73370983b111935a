import type { Instant } from '../common/units.js';
import type { Lab, LedgerEntry, Operation } from './lab.js';
import { storyOf } from './lab.ledger.js';

/**
 * One operation's story as this replica has seen it. Grows only; several readers follow it, each at its own pace,
 * and nothing is kept for a reader who is slow.
 */
export class OperationStory {
  private told: readonly LedgerEntry[];
  private over = false;
  private hint: LedgerEntry | undefined;
  private readonly waiting = new Set<() => void>();

  constructor(lab: Lab) {
    this.operation = lab.wish.operation;
    this.told = storyOf(lab);
    this.over = isOver(lab, this.operation, this.told);
  }

  readonly operation: Operation;

  /** Told so far, entry 1 first. */
  get entries(): readonly LedgerEntry[] {
    return this.told;
  }

  /** Nothing will be added. */
  get ended(): boolean {
    return this.over;
  }

  /** The latest word that is not part of the story, such as a place in the queue. */
  get latestHint(): LedgerEntry | undefined {
    return this.hint;
  }

  /** A state of the lab. One that is older than what is known changes nothing. */
  see(lab: Lab): void {
    if (this.over) return;
    const { operation } = lab.wish;
    // Several changes may be told as one: the last words of this operation come with the next one's beginning.
    this.take(lab);
    if (operation.id !== this.operation.id) this.supersede(operation.acceptedAt);
  }

  private take(lab: Lab): void {
    const story = this.toldIn(lab);
    const isNews = story.length > this.told.length;
    if (isNews) {
      this.told = story;
      // What was said while nothing happened is outdated by what did.
      this.hint = undefined;
    }
    this.over = isOver(lab, this.operation, this.told);
    // A lab changes more often than there is something to tell.
    if (isNews || this.over) this.wake();
  }

  private toldIn(lab: Lab): readonly LedgerEntry[] {
    const { ledger, operation } = lab.record;
    if (lab.wish.operation.id === this.operation.id) return storyOf(lab);
    return operation?.id === this.operation.id ? [...this.told.slice(0, 1), ...ledger] : [];
  }

  /** Another operation has begun. A spawn that had not ended was cancelled by it; that is told, and not stored. */
  supersede(at: Instant): void {
    if (this.operation.kind === 'stop') this.end();
    else this.endWith(cancelled(at));
  }

  /** Ends with a word that is not stored. */
  endWith(last: LedgerEntry): void {
    if (!this.over) this.hint = last;
    this.end();
  }

  /** Nothing more will be heard of the lab. */
  end(): void {
    if (this.over) return;
    this.over = true;
    this.wake();
  }

  say(hint: LedgerEntry): void {
    if (this.over || this.hint?.message === hint.message) return;
    this.hint = hint;
    this.wake();
  }

  /** Calls back once, at the next change. */
  next(callback: () => void): () => void {
    this.waiting.add(callback);
    return () => {
      this.waiting.delete(callback);
    };
  }

  private wake(): void {
    const callbacks = Array.from(this.waiting);
    this.waiting.clear();
    for (const callback of callbacks) callback();
  }
}

function isOver({ record }: Lab, { id }: Operation, story: readonly LedgerEntry[]): boolean {
  const last = story.at(-1)?.event;
  const hasEnded = record.operation?.id === id && Boolean(record.operation.ended);
  return last === 'complete' || last === 'failed' || hasEnded;
}

/** The contract's words (6.3). */
const cancelled = (at: Instant): LedgerEntry => ({
  number: 0,
  at,
  event: 'failed',
  reason: 'operation_cancelled',
  severity: 'error',
  message: 'Operation cancelled',
});
