/** How much of everything. */
export interface Scale {
  /** Single spawns, and as many of the floor. */
  readonly pairs: number;
  readonly burst: number;
  /** Bursts, and as many of each floor; medians are told. */
  readonly bursts: number;
  /** Status reads for the rate. */
  readonly reads: number;
  readonly settled: number;
  /** Users who open their files at once. */
  readonly files: number;
  /** Records of stopped labs; 0 leaves that out. */
  readonly stopped: number;
}

export const FULL: Scale = {
  pairs: 30,
  burst: 200,
  bursts: 3,
  reads: 4_000,
  settled: 1_000,
  files: 500,
  stopped: 0,
};

/** For trying the benchmark itself. */
export const QUICK: Scale = {
  pairs: 5,
  burst: 20,
  bursts: 1,
  reads: 500,
  settled: 50,
  files: 50,
  stopped: 100,
};

/** The sizes that the design names. */
export const LARGE: Scale = {
  pairs: 30,
  burst: 1_000,
  bursts: 1,
  reads: 4_000,
  settled: 3_000,
  files: 500,
  stopped: 20_000,
};

export const settle = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
