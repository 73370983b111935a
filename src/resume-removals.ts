import { Global, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Clock, SystemClock } from './common/clock.js';
import { Log } from './common/logger.js';
import { APP_OPTIONS, NestLog, PinoLog, product } from './http/index.js';
import { KubeConnection, KubernetesError, KubernetesModule, LEASE_NAME } from './kubernetes/index.js';
import { RemovalBrake } from './labs/index.js';
import { StartProblem } from './start-problem.js';

/**
 * Says on the controller's Lease that removals may go on, and resolves with a sentence for the operator. The leader
 * learns it with its next renewal.
 * @throws {StartProblem}
 */
export async function resumeRemovals(kubeconfig: string | undefined): Promise<string> {
  // The sentence says it all.
  const log = PinoLog.open({ level: 'critical', shape: 'pretty' });
  const lease = { name: LEASE_NAME, identity: 'resume-removals' };

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
    providers: [RemovalBrake],
  })
  class ResumeModule {}

  const app = await NestFactory.createApplicationContext(ResumeModule, APP_OPTIONS);
  app.useLogger(new NestLog(log));
  const { namespace, server } = app.get(KubeConnection);
  try {
    const stopped = await app.get(RemovalBrake).resume();
    if (!stopped)
      return `Removals were not stopped in namespace ${namespace}; they are counted from nothing.`;
    return `Removals go on in namespace ${namespace}. They were stopped since ${stopped.since}: ${stopped.evidence}.`;
  } catch (error) {
    if (!(error instanceof KubernetesError)) throw error;
    const missing =
      error.verdict === 'absent' ? 'there is no controller: its Lease is missing' : error.apiMessage;
    throw new StartProblem([`Nothing was resumed in namespace ${namespace} at ${server}: ${missing}`]);
  } finally {
    await app.close();
  }
}
