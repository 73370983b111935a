import type { AddressInfo } from 'node:net';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Type } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { ApiModule } from '../../src/api.module.js';
import { SystemClock } from '../../src/common/clock.js';
import type { Clock } from '../../src/common/clock.js';
import { Turns } from '../../src/common/turns.js';
import { loadSettings } from '../../src/config/index.js';
import type { Settings } from '../../src/config/index.js';
import { Metrics, httpObserver } from '../../src/health/index.js';
import {
  APP_OPTIONS,
  ApiDocument,
  NestLog,
  Requests,
  createHttpAdapter,
  serveTryingFiles,
} from '../../src/http/index.js';
import { FilesDouble, filesModule } from './files-double.js';
import { ImagesDouble, imagesModule } from './images-double.js';
import { PrepullsDouble, prepullsModule } from './prepulls-double.js';
import { LabsDouble, labsModule } from './labs-double.js';
import { MemoryLog } from './memory-log.js';

export interface ApiApp {
  readonly app: NestFastifyApplication;
  readonly url: string;
  readonly labs: LabsDouble;
  readonly files: FilesDouble;
  readonly images: ImagesDouble;
  readonly prepulls: PrepullsDouble;
  readonly log: MemoryLog;
  readonly metrics: Metrics;
  readonly requests: Requests;
  /** `METHOD /path/:parameter` of every route the server has. */
  readonly routes: readonly string[];
}

export type Change = (settings: Settings) => Settings;

/** The demo's settings, changed as a spec wants them. */
export function apiSettings(change: Change = (settings) => settings): Settings {
  const env = { REPERTOIRE_BASE_URL: 'http://127.0.0.1:9/repertoire' };
  return change(loadSettings({ configPath: 'demo/config.yaml', env }).settings);
}

export interface ApiOptions {
  readonly change?: Change;
  readonly clock?: Clock;
}

/** The app as it ships, on a real socket, with a double where the labs room would be. Close `app` at the end. */
export async function startApi({ change, clock = new SystemClock() }: ApiOptions = {}): Promise<ApiApp> {
  const settings = apiSettings(change);
  const log = new MemoryLog();
  const metrics = new Metrics({ version: '0' });
  const requests = new Requests(clock);
  const turns = new Turns(clock);
  const labs = new LabsDouble();
  const files = new FilesDouble();
  const images = new ImagesDouble();
  const prepulls = new PrepullsDouble(settings);
  const bodyLimit = settings.berth.budgets.maxBodyBytes;
  const adapter = createHttpAdapter({
    clock,
    log,
    requests,
    bodyLimit,
    turns,
    onAnswered: httpObserver(metrics),
  });
  const routes: string[] = [];
  adapter.getInstance<FastifyInstance>().addHook('onRoute', ({ method, url }) => {
    routes.push(`${[method].flat().join()} ${url}`);
  });
  const ground = { settings, clock, log, metrics, requests, turns };
  const app = await NestFactory.create<NestFastifyApplication>(
    ApiModule.forRoot(ground, {
      labs: labsModule(labs) as Type,
      images: imagesModule(images) as Type,
      files: filesModule(files) as Type,
      prepuller: prepullsModule(prepulls),
    }),
    adapter,
    APP_OPTIONS,
  );
  app.useLogger(new NestLog(log));
  await serveTryingFiles(adapter.getInstance(), settings.pathPrefix);
  await app.init();
  app.get(ApiDocument).describe(app);
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  const api = { app, url: `http://127.0.0.1:${String(port)}`, labs, images, files, prepulls };
  return { ...api, log, metrics, requests, routes };
}
