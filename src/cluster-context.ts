import { Global, Module } from '@nestjs/common';
import type { INestApplicationContext, Provider } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Clock, SystemClock } from './common/clock.js';
import { Log } from './common/logger.js';
import { product } from './common/product.js';
import { APP_OPTIONS, NestLog, PinoLog } from './http/index.js';
import { KubernetesModule, LEASE_NAME } from './kubernetes/index.js';

export interface CommandContext {
  readonly kubeconfig: string | undefined;
  /** Who asks, should it ever show. */
  readonly identity: string;
  readonly providers?: Provider[];
}

/** Runs `work` with a connection to the cluster: nothing is watched, nobody leads, and nothing but the outcome is said. */
export async function withCluster<T>(
  { kubeconfig, identity, providers = [] }: CommandContext,
  work: (app: INestApplicationContext) => Promise<T>,
): Promise<T> {
  const log = PinoLog.open({ level: 'critical', shape: 'pretty' });
  const lease = { name: LEASE_NAME, identity };

  @Global()
  @Module({
    providers: [
      { provide: Clock, useValue: new SystemClock() },
      { provide: Log, useValue: log },
    ],
    exports: [Clock, Log],
  })
  class GroundModule {}

  @Module({
    imports: [GroundModule, KubernetesModule.forRoot({ kubeconfig, version: product.version, lease })],
    providers,
  })
  class CommandModule {}

  const app = await NestFactory.createApplicationContext(CommandModule, APP_OPTIONS);
  app.useLogger(new NestLog(log));
  try {
    return await work(app);
  } finally {
    await app.close();
  }
}
