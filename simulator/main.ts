import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Cluster } from './cluster.js';
import { startCluster } from './cluster.js';
import { Complaint, reason, sentence, settings } from './command-line.js';

async function main(): Promise<void> {
  const { kubeconfig, ...options } = settings(process.argv.slice(2));
  const cluster = await startCluster({ ...options, namespaces: ['berth'] });
  const file = resolve(kubeconfig);
  write(file, cluster);
  const end = (): void => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.removeListener(signal, end);
    void cluster.close().then(() => process.exit(0));
  };
  process.on('SIGINT', end).on('SIGTERM', end);
  const { length } = [...cluster.kubelets.kubelets];
  process.stdout.write(
    `Embedded cluster with ${length} nodes at ${cluster.api.url}, kubeconfig ${file}. Try: kubectl --kubeconfig ${file} get nodes\n`,
  );
}

function write(file: string, cluster: Cluster): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify(cluster.kubeconfig('berth'), null, 2)}\n`, { mode: 0o600 });
  } catch (error) {
    throw new Complaint(`The kubeconfig ${file} can't be written: ${reason(error)}.`);
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${sentence(error)}\n`);
  process.exit(1);
});
