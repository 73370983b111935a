import type { Addressee } from '../lab.js';

/** What the catalogue says of one reason code: the same for the stream, the log, metrics, Kubernetes Events and the docs. */
export interface Reason {
  /** What it means, for somebody who looks the code up. */
  readonly meaning: string;
  /** What helps. */
  readonly remedy: string;
  readonly who: Addressee;
  /**
   * `never`: patience may help, so that only the spawn timeout ends the wait. `when_certain`: ends the spawn once it cannot be
   * a passing thing. `always`: is an end already.
   */
  readonly fatal: 'never' | 'when_certain' | 'always';
}

/** Checks a table of reasons without widening its codes. */
export const reasons = <T extends Readonly<Record<string, Reason>>>(table: T): T => table;
