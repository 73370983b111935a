import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import { NestFactory } from '@nestjs/core';
import type { FastifyAdapter, NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Groundwork } from './api.module.js';
import { AppModule, ClusterLife } from './app.module.js';
import { IdentityProvider } from './auth/index.js';
import type { ServeOptions } from './cli/index.js';
import { SystemClock } from './common/clock.js';
import type { Clock } from './common/clock.js';
import { millis } from './common/units.js';
import { Turns } from './common/turns.js';
import type { Log } from './common/logger.js';
import { product } from './common/product.js';
import { ConfigError, loadSettings, printRemark, processEnv } from './config/index.js';
import type { Settings } from './config/index.js';
import {
  AlertingLog,
  Metrics,
  MetricsServer,
  SlackAlerts,
  httpObserver,
  kubernetesObserver,
} from './health/index.js';
import {
  APP_OPTIONS,
  ApiDocument,
  NestLog,
  PinoLog,
  Requests,
  createHttpAdapter,
  serveTryingFiles,
} from './http/index.js';
import type { LogLevel } from './http/index.js';
import { LEASE_NAME } from './kubernetes/index.js';
import type { KubernetesOptions } from './kubernetes/index.js';
import { announceClaims } from './cluster-claims.js';
import { checkStart } from './start-checks.js';
import { StartProblem } from './start-problem.js';

export interface Running {
  readonly log: Log;
  /** Serves those who wait, then ends everything. */
  stop(): Promise<void>;
}

/**
 * Settings, connection, checks, listening, informers, ready: each step may refuse in a sentence.
 * @throws {StartProblem}
 */
export async function serve(options: ServeOptions): Promise<Running> {
  const ground = groundwork(options);
  const { settings, log, clock, requests, metrics, turns } = ground;
  const bodyLimit = settings.berth.budgets.maxBodyBytes;
  const adapter = createHttpAdapter({
    clock,
    log,
    requests,
    bodyLimit,
    turns,
    onAnswered: httpObserver(metrics),
  });
  const app = await assemble(ground, clusterOptions(options, ground), adapter);
  try {
    await checkStart(app, settings);
    await announceClaims(app, settings.lab, log);
    app.get(IdentityProvider).announce(log);
    log.info('listening', await listen(app, options, settings));
  } catch (error) {
    // Nothing was begun that would have to be undone: the process ends.
    throw socketProblem(error, '--port');
  }
  app.get(ClusterLife).start();
  return { log, stop: () => app.close() };
}

function groundwork(options: ServeOptions): Groundwork {
  const { settings, warnings } = load(options);
  const lines = PinoLog.open({ level: levelOf(settings), shape: shapeOf(settings) });
  for (const warning of warnings) lines.warn('configuration', { warning: printRemark(warning) });
  const clock = new SystemClock();
  const log = alerting(lines, settings, clock);
  const requests = new Requests(clock);
  return { settings, clock, log, requests, metrics: new Metrics(product), turns: new Turns(clock) };
}

/** Errors are told to Slack too, where that is wanted. */
function alerting(log: Log, { slackWebhook, name }: Settings, clock: Clock): Log {
  if (slackWebhook === undefined) return log;
  const onLost = (error: unknown): void => log.warn('alert was not taken by Slack', { error });
  return new AlertingLog(log, new SlackAlerts(slackWebhook.reveal(), name, clock, onLost));
}

/** Whoever waits for the lease looks more often than its holder renews it: that is time without a leader. */
const LOOKS_PER_RENEWAL = 2;

const levelOf = ({ logLevel }: Settings): LogLevel => logLevel.toLowerCase() as Lowercase<typeof logLevel>;
const shapeOf = ({ logProfile }: Settings): 'lines' | 'pretty' =>
  logProfile === 'development' || process.stdout.isTTY ? 'pretty' : 'lines';

function load({ configPath, extraPath }: ServeOptions): ReturnType<typeof loadSettings> {
  try {
    return loadSettings({ configPath, extraPath, env: processEnv() });
  } catch (error) {
    if (error instanceof ConfigError) throw new StartProblem(error.message.split('\n'));
    throw error;
  }
}

function clusterOptions(
  { kubeconfig }: ServeOptions,
  { settings, metrics, turns }: Groundwork,
): KubernetesOptions {
  const { budgets, lease } = settings.berth;
  const namespace = settings.pod.namespace;
  return {
    kubeconfig,
    version: product.version,
    rate: budgets.requestsPerSecond,
    burst: budgets.burst,
    observer: kubernetesObserver(metrics),
    turns,
    lease: {
      name: LEASE_NAME,
      ...(namespace === undefined ? {} : { namespace }),
      identity: `${settings.pod.name ?? hostname()}_${randomBytes(5).toString('hex')}`,
      duration: lease.duration,
      renewDeadline: lease.renewDeadline,
      renewEvery: lease.retryInterval,
      lookEvery: millis(lease.retryInterval / LOOKS_PER_RENEWAL),
    },
  };
}

async function assemble(
  ground: Groundwork,
  cluster: KubernetesOptions,
  adapter: FastifyAdapter,
): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.forRoot(ground, cluster),
    adapter,
    APP_OPTIONS,
  );
  app.useLogger(new NestLog(ground.log));
  await serveTryingFiles(adapter.getInstance(), ground.settings.pathPrefix);
  return app;
}

/** Opens both ports; resolves with their numbers, which the system may have chosen. */
async function listen(
  app: NestFastifyApplication,
  options: ServeOptions,
  settings: Settings,
): Promise<{ readonly port: number; readonly metricsPort: number }> {
  await app.init();
  app.get(ApiDocument).describe(app);
  const { host, port } = settings.berth.metrics;
  const everywhere = options.host ?? allAddresses();
  const metricsPort = await app
    .get(MetricsServer)
    .listen(port, host ?? everywhere)
    .catch((error: unknown) => {
      throw socketProblem(error, 'berth.metrics.port');
    });
  await app.listen(options.port, everywhere);
  return { port: (app.getHttpServer().address() as AddressInfo).port, metricsPort };
}

/** Both families where the machine has both: pods of some clusters have only IPv6 addresses, and nobody reaches 0.0.0.0 there. */
function allAddresses(): string {
  const addresses = Object.values(networkInterfaces()).flat();
  return addresses.some((one) => one?.family === 'IPv6') ? '::' : '0.0.0.0';
}

interface SocketError {
  readonly code?: string;
  readonly port?: number;
  readonly address?: string;
  readonly hostname?: string;
}

/** A port in use is nothing to show a stack trace for; `setting` chooses another. */
function socketProblem(error: unknown, setting: string): unknown {
  const { code, port, address, hostname } = (error ?? {}) as SocketError;
  const where = `${address ?? ''}:${String(port ?? '')}`;
  if (code === 'EADDRINUSE')
    return new StartProblem([`Something else listens on ${where}: choose another port with ${setting}`]);
  if (code === 'EACCES') return new StartProblem([`Not allowed to listen on ${where}`]);
  if (code === 'EADDRNOTAVAIL') return new StartProblem([`This machine has no address ${where}`]);
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return new StartProblem([
      `The host to listen on, ${hostname ?? ''}, is not a name that this machine knows`,
    ]);
  return error;
}
