import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Global, Module } from '@nestjs/common';
import type { INestApplicationContext, Type } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { Test } from '@nestjs/testing';

import { parse } from 'yaml';

import { Clock, SystemClock } from '../../src/common/clock.js';
import { Log } from '../../src/common/logger.js';
import { millis, seconds } from '../../src/common/units.js';
import { ConfigModule } from '../../src/config/index.js';
import type { Settings } from '../../src/config/index.js';
import { EventsModule } from '../../src/events/index.js';
import { ImagesModule, ImagesService } from '../../src/images/index.js';
import { Informers, KubernetesModule, Leadership, PodEvents } from '../../src/kubernetes/index.js';
import type { RequestReport } from '../../src/kubernetes/index.js';
import { LabsModule, LabsReadiness, LabsService } from '../../src/labs/index.js';
import type { CreateLab, ProgressItem } from '../../src/labs/index.js';
import { startCluster } from '../../simulator/cluster.js';
import type { Cluster, ClusterOptions } from '../../simulator/cluster.js';
import { someSettings } from '../gen/settings.gen.js';
import type { ConfigPiece } from '../gen/settings.gen.js';
import { MemoryLog } from './memory-log.js';

const DIGEST = `sha256:${'1'.repeat(64)}`;
const images = {
  resolve: (request: { readonly reference: string }) =>
    Promise.resolve({ reference: request.reference, tag: 'w1', digest: DIGEST, displayName: 'Weekly 1' }),
};

@Module({ providers: [{ provide: ImagesService, useValue: images }], exports: [ImagesService] })
class SomeImagesModule {}

/** One process of Berth without its HTTP side, against any API server. */
export interface Runtime {
  readonly labs: LabsService;
  readonly readiness: LabsReadiness;
  readonly leadership: Leadership;
  readonly log: MemoryLog;
  get<T>(type: Type<T>): T;
  /** Every request it sent, in order. */
  readonly requests: readonly RequestReport[];
  /** Ends it in good order. */
  close(): Promise<void>;
}

export interface RuntimeOptions {
  readonly kubeconfig: object;
  readonly settings: Settings;
  /** Tells lives of one process apart. */
  readonly identity?: string;
  /** Default the machine's; a quicker one shortens deadlines and patience. */
  readonly clock?: Clock;
  readonly lease?: Partial<Pick<LeaseTimes, 'duration' | 'renewDeadline' | 'renewEvery' | 'lookEvery'>>;
}

type LeaseTimes = Parameters<typeof KubernetesModule.forRoot>[0]['lease'];

export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
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

  const lease = {
    name: 'berth',
    identity: options.identity ?? `one-${String(Math.random())}`,
    duration: seconds(2),
    renewDeadline: millis(1500),
    renewEvery: millis(500),
    lookEvery: millis(100),
    ...options.lease,
  };
  const observer = (report: RequestReport): void => {
    requests.push(report);
  };
  const module = await Test.createTestingModule({
    imports: [
      GroundModule,
      ConfigModule.forRoot(options.settings),
      EventsModule,
      ScheduleModule.forRoot(),
      KubernetesModule.forRoot({ kubeconfig, version: 'spec', observer, lease }),
      LabsModule,
    ],
  })
    .overrideModule(ImagesModule)
    .useModule(SomeImagesModule)
    .compile();
  module.useLogger(false);
  const app: INestApplicationContext = await module.init();
  app.get(Informers).start();
  app.get(Leadership).start();
  return {
    labs: app.get(LabsService),
    readiness: app.get(LabsReadiness),
    leadership: app.get(Leadership),
    log,
    get: (type) => app.get(type),
    requests,
    close: async () => {
      await app.get(Leadership).stop();
      await Promise.all([app.get(Informers).stop(), app.get(PodEvents).stop()]);
      await app.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Settings of a process that needs nothing but the cluster. */
export const someRuntimeSettings = (piece: ConfigPiece = {}): Settings =>
  someSettings(
    {
      ...piece,
      berth: { auth: { gafaelfawrUrl: 'http://127.0.0.1:1' }, ...(piece.berth as object | undefined) },
    },
    { REPERTOIRE_BASE_URL: '' },
  );

/** A cluster that knows Labs. */
export async function startLabCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const cluster = await startCluster(options);
  const crd: unknown = parse(readFileSync('helm/berth/crds/labs.yaml', 'utf8'));
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(cluster.api.url + path, { method: 'POST', headers, body: JSON.stringify(crd) });
  if (!answer.ok) throw new Error(await answer.text());
  return cluster;
}

/** The image that scripts of kubelets know as `science/{name}`. */
export const imageOf = (name: string): string => `registry.example.org/science/${name}:w1@${DIGEST}`;

/** A request of `user` for the image `science/{image}`. */
export function aCreate(user = 'rachel', image = 'lab', parts: Partial<CreateLab> = {}): CreateLab {
  return {
    user: { username: user, name: 'Some Body', uid: 1101, gid: 1101, groups: [{ name: user, id: 1101 }] },
    token: `gt-token-of-${user}`,
    image: { kind: 'reference', reference: imageOf(image), field: 'image_list' },
    size: 'small',
    enableDebug: false,
    resetUserEnv: false,
    env: { JUPYTERHUB_SERVICE_PREFIX: `/nb/user/${user}/`, JUPYTERHUB_API_TOKEN: 'secret' },
    ...parts,
  };
}

/** Reads a story to its end. */
export async function storyOf(labs: LabsService, user = 'rachel', after?: string): Promise<ProgressItem[]> {
  const stream = await labs.progress(user, after);
  const items: ProgressItem[] = [];
  for await (const item of stream.items()) items.push(item);
  return items;
}
