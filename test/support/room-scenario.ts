import type { Cluster, ClusterOptions } from '../../simulator/cluster.js';
import { millis, seconds } from '../../src/common/units.js';
import type { Scenario, Stage } from './converge.js';
import { QuickClock } from './quick-clock.js';
import { startBerthCluster } from './room-cluster.js';
import { startRoomProcess } from './room-process.js';
import type { RoomProcess, RoomProcessOptions } from './room-process.js';
import { until } from './until.js';

/** Stands the pauses of a busy machine. */
export const PATIENT_LEASE = {
  duration: seconds(30),
  renewDeadline: seconds(20),
  renewEvery: seconds(5),
  lookEvery: millis(200),
};

/** What a room does once, told so that it can be tried with any number of deaths and faults in between. */
export interface RoomFlow {
  readonly name: string;
  /** The room under test, and the settings it reads. */
  readonly room: Pick<RoomProcessOptions, 'modules' | 'replaced' | 'settings'>;
  /** Default: three quick nodes, and all our resources. */
  readonly cluster?: ClusterOptions;
  /** How much faster than the machine's the clock runs; default 1. */
  readonly pace?: number;
  /** Brings the cluster to where the flow begins; no process of the room runs yet. */
  readonly before?: (cluster: Cluster) => Promise<void>;
  /** Resolves when the flow is over. Called again, on the next process, after a crash: it must go on from what it finds. */
  readonly drive: (process: RoomProcess, cluster: Cluster) => Promise<void>;
  /** Throws if somebody was told something wrong. */
  readonly check?: (process: RoomProcess, cluster: Cluster) => Promise<void>;
  /** All that must not depend on what happened meanwhile; `shapesIn` helps. */
  readonly picture: (cluster: Cluster) => unknown;
  /** Counts the requests of the process's start too: for what begins without a client. */
  readonly fromStart?: boolean;
  /** Tries only every so-many-th point. */
  readonly every?: number;
}

/** The scenario of a room's flow, for `itConverges` and `itEndures`. */
export function roomScenario({ name, fromStart, every, ...flow }: RoomFlow): Scenario<RoomProcess> {
  return {
    name,
    ...(fromStart === undefined ? {} : { fromStart }),
    ...(every === undefined ? {} : { every }),
    prepare: () => RoomStage.open(flow),
  };
}

type Flow = Omit<RoomFlow, 'name' | 'fromStart' | 'every'>;

class RoomStage implements Stage<RoomProcess> {
  private constructor(
    private readonly flow: Flow,
    private readonly cluster: Cluster,
    private readonly clock: QuickClock,
  ) {}

  static async open(flow: Flow): Promise<RoomStage> {
    const clock = new QuickClock(flow.pace ?? 1);
    const server = { clock: () => clock.now() };
    const quick = { timeScale: 0.01, namespaceMinimumMs: 5, server };
    const cluster = await startBerthCluster({ ...quick, ...flow.cluster });
    await flow.before?.(cluster);
    return new RoomStage(flow, cluster, clock);
  }

  get target(): string {
    return this.cluster.api.url;
  }

  start(kubeconfig: object): Promise<RoomProcess> {
    const { flow, clock } = this;
    return startRoomProcess({ ...flow.room, kubeconfig, clock, identity: 'mortal', lease: PATIENT_LEASE });
  }

  ready({ informers, leadership }: RoomProcess): Promise<void> {
    return until(() => informers.allSynced() && leadership.leading, 'a process that leads', 60_000);
  }

  drive(process: RoomProcess): Promise<void> {
    return this.flow.drive(process, this.cluster);
  }

  async check(process: RoomProcess): Promise<void> {
    await this.flow.check?.(process, this.cluster);
  }

  picture(): unknown {
    return this.flow.picture(this.cluster);
  }

  end(process: RoomProcess): Promise<void> {
    return process.close();
  }

  close(): Promise<void> {
    return this.cluster.close();
  }
}
