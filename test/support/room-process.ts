import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Global, Module } from '@nestjs/common';
import type { INestApplicationContext, ModuleMetadata, Type } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { Test } from '@nestjs/testing';

import { Clock, SystemClock } from '../../src/common/clock.js';
import { Log } from '../../src/common/logger.js';
import { millis, seconds } from '../../src/common/units.js';
import { ConfigModule } from '../../src/config/index.js';
import type { Settings } from '../../src/config/index.js';
import { EventsModule } from '../../src/events/index.js';
import { Informers, KubernetesModule, Leadership, PodEvents } from '../../src/kubernetes/index.js';
import type { RequestReport } from '../../src/kubernetes/index.js';
import { MemoryLog } from './memory-log.js';

/** One process of Berth with some of its rooms and without its HTTP side, against any API server. */
export interface RoomProcess {
  readonly informers: Informers;
  readonly leadership: Leadership;
  readonly log: MemoryLog;
  get<T>(type: Type<T>): T;
  /** Every request it sent, in order. */
  readonly requests: readonly RequestReport[];
  /** Lets go of what it logged and sent so far, for runs of hours. */
  forget(): void;
  /** Ends it in good order. */
  close(): Promise<void>;
}

export interface RoomProcessOptions {
  readonly kubeconfig: object;
  readonly settings: Settings;
  /** The rooms; the foundation is there already. */
  readonly modules: NonNullable<ModuleMetadata['imports']>;
  /** Stands in for the module before it. */
  readonly replaced?: readonly (readonly [Type, Type])[];
  /** Tells lives of one process apart. */
  readonly identity?: string;
  /** Default the machine's; a quicker one shortens deadlines and patience. */
  readonly clock?: Clock;
  readonly lease?: Partial<Pick<LeaseTimes, 'duration' | 'renewDeadline' | 'renewEvery' | 'lookEvery'>>;
}

type LeaseTimes = Parameters<typeof KubernetesModule.forRoot>[0]['lease'];

export async function startRoomProcess(options: RoomProcessOptions): Promise<RoomProcess> {
  const directory = mkdtempSync(join(tmpdir(), 'berth-runtime-'));
  const kubeconfig = join(directory, 'kubeconfig');
  writeFileSync(kubeconfig, JSON.stringify(options.kubeconfig));
  const log = new MemoryLog();
  const requests: RequestReport[] = [];

  @Global()
  @Module({
    providers: [
      { provide: Clock, useValue: options.clock ?? new SystemClock() },
      { provide: Log, useValue: log },
    ],
    exports: [Clock, Log],
  })
  class GroundModule {}

  const observer = (report: RequestReport): void => {
    requests.push(report);
  };
  const building = Test.createTestingModule({
    imports: [
      GroundModule,
      ConfigModule.forRoot(options.settings),
      EventsModule,
      ScheduleModule.forRoot(),
      KubernetesModule.forRoot({ kubeconfig, version: 'spec', observer, lease: leaseOf(options) }),
      ...options.modules,
    ],
  });
  for (const [real, standIn] of options.replaced ?? []) building.overrideModule(real).useModule(standIn);
  const module = await building.compile();
  module.useLogger(false);
  const app = await module.init();
  app.get(Informers).start();
  app.get(Leadership).start();
  return {
    informers: app.get(Informers),
    leadership: app.get(Leadership),
    log,
    get: (type) => app.get(type),
    requests,
    forget: () => {
      log.lines.length = 0;
      requests.length = 0;
    },
    close: () => end(app, directory),
  };
}

const leaseOf = ({ identity, lease }: RoomProcessOptions): LeaseTimes => ({
  name: 'berth',
  identity: identity ?? `one-${String(Math.random())}`,
  duration: seconds(2),
  renewDeadline: millis(1500),
  renewEvery: millis(500),
  lookEvery: millis(100),
  ...lease,
});

async function end(app: INestApplicationContext, directory: string): Promise<void> {
  await app.get(Leadership).stop();
  await Promise.all([app.get(Informers).stop(), app.get(PodEvents).stop()]);
  await app.close();
  rmSync(directory, { recursive: true, force: true });
}
