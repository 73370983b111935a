import type { ProgressItem } from '../../src/labs/index.js';

/** What must have become of a user's lab once all is quiet; undefined where more than one end is right. */
export type Expected = 'running' | 'stopped' | 'failed' | undefined;

/** What the people and the Hub were told, and what they may therefore expect. */
export class SoakModel {
  readonly expected = new Map<string, Expected>();
  /** By user, the story of the last spawn as far as somebody heard it. */
  readonly told = new Map<string, ProgressItem[]>();
  readonly counts = new Map<string, number>();

  count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  /** Nobody can say any more how this user's lab should be. */
  uncertain(user: string): void {
    this.expected.set(user, undefined);
  }
}
