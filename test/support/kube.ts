import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../src/common/clock.js';
import { SystemClock } from '../../src/common/clock.js';
import { KubeConnection } from '../../src/kubernetes/index.js';
import { KubeTransport, type TransportOptions } from '../../src/kubernetes/transport.js';
import { MemoryLog } from './memory-log.js';

interface ConnectOptions extends Partial<TransportOptions> {
  readonly clock?: Clock;
  readonly cluster?: object;
  readonly user?: object;
  readonly namespace?: string;
}

/** A directory for this spec's files; the machine clears it. */
export const scratch = (): Promise<string> => mkdtemp(join(tmpdir(), 'berth-spec-'));

/** Writes a kubeconfig (JSON is YAML) and returns its path. */
export async function kubeconfigFor(server: string, options: ConnectOptions = {}): Promise<string> {
  const file = join(await scratch(), 'config');
  const config = {
    clusters: [{ name: 'c', cluster: { server, ...options.cluster } }],
    users: [{ name: 'u', user: options.user ?? {} }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u', namespace: options.namespace ?? 'berth' } }],
    'current-context': 'x',
  };
  await writeFile(file, JSON.stringify(config));
  return file;
}

/** A transport to `server` with a system clock, unless told otherwise. */
export async function connectTo(server: string, options: ConnectOptions = {}): Promise<KubeTransport> {
  const clock = options.clock ?? new SystemClock();
  const log = new MemoryLog();
  const kubeconfig = await kubeconfigFor(server, options);
  const connection = await KubeConnection.load({ kubeconfig }, clock, log);
  return new KubeTransport(connection, { version: '0.0.0', ...options }, clock, log);
}
