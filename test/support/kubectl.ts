import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The kubectl that `BERTH_KUBECTL` names, else the one on the path; undefined when there is none. */
export function findKubectl(): string | undefined {
  const program = process.env['BERTH_KUBECTL'] ?? 'kubectl';
  try {
    execFileSync(program, ['version', '--client'], { stdio: 'pipe' });
    return program;
  } catch {
    return undefined;
  }
}

/** Runs kubectl against a cluster and resolves with what it prints. Rejects when it fails. */
export function kubectlFor(program: string, kubeconfig: object): (...args: string[]) => Promise<string> {
  const file = join(mkdtempSync(join(tmpdir(), 'kubectl-')), 'kubeconfig');
  writeFileSync(file, JSON.stringify(kubeconfig));
  const env = { ...process.env, KUBECONFIG: file };
  return async (...args) => (await promisify(execFile)(program, args, { env, timeout: 20_000 })).stdout;
}
