export type Sign = 'answers' | 'silence';

/** One lie that the embedded cluster is made to tell, and the case that must notice. */
export interface Defect {
  readonly name: string;
  readonly caughtBy: { readonly group: string; readonly case: string };
  /** By what: an answer that differs, or one that does not come (`silence`). */
  readonly sign: Sign;
  /** The module that is spoilt, below `simulator/`. */
  readonly module: string;
  /** What the module gives away instead, made of what it really gives away. */
  readonly spoil: (real: object) => object;
}

type Spoil<M> = (real: M) => Partial<M> | object;

/** The group and case that notice, and by what. */
export type CaughtBy = readonly [group: string, case_: string, sign?: Sign];

/** Names a defect of a module; `M` is the type of the module. */
export function defect<M extends object>(
  name: string,
  module: string,
  caughtBy: CaughtBy,
  spoil: Spoil<M>,
): Defect {
  return {
    name,
    module,
    caughtBy: { group: caughtBy[0], case: caughtBy[1] },
    sign: caughtBy[2] ?? 'answers',
    spoil: (real) => spoil(real as M),
  };
}

/** Runs what may throw, with the error changed. */
export function withError<T>(run: () => T, change: object): T {
  try {
    return run();
  } catch (error) {
    throw Object.assign(error as Error, change);
  }
}
