import type { Log } from '../common/logger.js';

/**
 * One run of a reconciler. It is handed down to whatever speaks or writes: an `AsyncLocalStorage` that carried it cost a
 * quarter of the process's CPU in a burst (Node 20).
 */
export class Run {
  private own: Log | undefined;

  constructor(
    readonly about: { readonly queue: string; readonly key: string; readonly reconcileId: string },
    /** Aborts when leadership is lost, and when the queue's drain has run out of time. */
    readonly signal: AbortSignal,
    private readonly parent: Log,
    /** Gives its place in the queue to the next, before the end of the run; a second time does nothing. */
    readonly leavePlace: () => void = () => undefined,
  ) {}

  /** Names the run on each of its lines; most runs have nothing to say. */
  get log(): Log {
    this.own ??= this.parent.child(this.about);
    return this.own;
  }
}
