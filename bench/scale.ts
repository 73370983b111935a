/** How much of everything. */
export interface Scale {
  /** Single spawns, and as many of the floor. */
  readonly pairs: number;
  readonly burst: number;
  /** Bursts, and as many of each floor; medians are told. */
  readonly bursts: number;
  /** Status reads for the rate. */
  readonly reads: number;
  /** Labs that run at the same time, in growing numbers. */
  readonly settled: readonly number[];
  /** Spawns in flight when the controller is killed. */
  readonly flying: number;
  /** Spawns through a narrow queue, to pods that never get their image. */
  readonly queued: number;
  /** Progress streams open at the same time, half of them unread. */
  readonly streams: number;
  /** Users who open their files at once. */
  readonly files: number;
  /** Records of stopped labs; 0 leaves that out. */
  readonly stopped: number;
  /** Labs of Nublado's that a controller finds when it starts. */
  readonly adopted: number;
}

export const FULL: Scale = {
  pairs: 30,
  burst: 200,
  bursts: 3,
  reads: 4_000,
  settled: [100, 1_000],
  flying: 100,
  queued: 200,
  streams: 1_000,
  files: 500,
  stopped: 0,
  adopted: 1_000,
};

/** For trying the benchmark itself. */
export const QUICK: Scale = {
  pairs: 5,
  burst: 20,
  bursts: 1,
  reads: 500,
  settled: [10, 50],
  flying: 20,
  queued: 20,
  streams: 40,
  files: 50,
  stopped: 100,
  adopted: 50,
};

/** The sizes that the design names. */
export const LARGE: Scale = {
  pairs: 30,
  burst: 1_000,
  bursts: 1,
  reads: 4_000,
  settled: [100, 500, 1_000, 3_000, 10_000],
  flying: 500,
  queued: 500,
  streams: 10_000,
  files: 500,
  stopped: 20_000,
  adopted: 3_000,
};

export const settle = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
