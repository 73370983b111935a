import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from '../../cluster/harness/ports.js';
import { findProgram } from './tools.js';

const LOOK_EVERY_MS = 20;

export interface NginxProxy {
  readonly url: string;
  stop(): Promise<void>;
}

/** A real nginx in front of `upstream`, with these directives of the `http` block besides what it needs to run. */
export async function startNginxProxy(upstream: string, directives: readonly string[]): Promise<NginxProxy> {
  const folder = mkdtempSync(join(tmpdir(), 'berth-nginx-'));
  const [port = 0] = await freePorts(1);
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, configuration(folder, port, [`proxy_pass ${upstream};`, ...directives]));
  const args = ['-c', file, '-p', folder, '-e', join(folder, 'error.log')];
  const process = spawn(findProgram('nginx') ?? 'nginx', args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const url = `http://127.0.0.1:${port}`;
  while (!(await answers(url))) {
    if (process.exitCode !== null) throw new Error('nginx does not start');
    await sleep(LOOK_EVERY_MS);
  }
  const stop = async (): Promise<void> => {
    process.kill('SIGTERM');
    if (process.exitCode === null && process.signalCode === null) await once(process, 'exit');
    rmSync(folder, { recursive: true, force: true });
  };
  return { url, stop };
}

async function answers(url: string): Promise<boolean> {
  const answer = await fetch(url, { method: 'OPTIONS' }).catch(() => undefined);
  await answer?.arrayBuffer();
  return answer !== undefined;
}

const configuration = (folder: string, port: number, location: readonly string[]): string => `
daemon off;
user root;
worker_processes 1;
pid ${folder}/pid;
events {}
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  server {
    listen 127.0.0.1:${port};
    location / {
      ${location.join('\n      ')}
    }
  }
}`;
