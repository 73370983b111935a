import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from '../../simulator/free-ports.js';

/** A WebDAV server under measurement, with a directory of its own. */
export interface Server {
  readonly name: string;
  readonly url: string;
  /** MiB that its processes ever had resident, together. */
  peakMiB(): number;
  stop(): Promise<void>;
}

/** Ours, as a file server's pod runs it. */
export async function startOurs(folder: string): Promise<Server> {
  const [port = 0] = await freePorts(1);
  const child = spawn('.cache/utility/worblehat', [], {
    env: { WORBLEHAT_DIR: served(folder), WORBLEHAT_PORT: String(port), WORBLEHAT_TIMEOUT: '3600' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return started('ours', port, child);
}

/** nginx with its WebDAV module and the extension that lists: two workers, no log, everything else as it comes. */
export async function startNginx(folder: string): Promise<Server> {
  const [port = 0] = await freePorts(1);
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, nginxConfiguration(folder, port));
  const child = spawn('/usr/sbin/nginx', ['-c', file, '-p', folder, '-e', join(folder, 'error.log')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return started('nginx', port, child);
}

const nginxConfiguration = (folder: string, port: number): string => `
load_module /usr/lib/nginx/modules/ngx_http_dav_ext_module.so;
daemon off;
user root;
worker_processes 2;
pid ${folder}/pid;
events {}
http {
  access_log off;
  sendfile on;
  client_body_temp_path ${served(folder)}/.tmp;
  client_max_body_size 0;
  keepalive_requests 1000000;
  server {
    listen 127.0.0.1:${port};
    root ${served(folder)};
    location / { dav_methods PUT DELETE MKCOL COPY MOVE; dav_ext_methods PROPFIND OPTIONS; }
  }
}`;

function served(folder: string): string {
  const directory = join(folder, 'served');
  mkdirSync(directory, { recursive: true });
  chmodSync(directory, 0o777);
  return directory;
}

async function started(name: string, port: number, child: ChildProcess): Promise<Server> {
  const url = `http://127.0.0.1:${port}`;
  const ended = once(child, 'exit');
  for (;;) {
    if (child.exitCode !== null) throw new Error(`${name} ended with exit code ${child.exitCode}`);
    const answer = await fetch(url, { method: 'OPTIONS' }).catch(() => undefined);
    if (answer) break;
    await sleep(20);
  }
  return {
    name,
    url,
    peakMiB: () => [child.pid ?? 0, ...childrenOf(child.pid ?? 0)].reduce((sum, pid) => sum + peakOf(pid), 0),
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** proc(5): the fourth field of stat, after the name in parentheses, is the parent. */
function childrenOf(parent: number): number[] {
  const pids = readdirSync('/proc').map(Number).filter(Boolean);
  return pids.filter((pid) => {
    const stat = read(`/proc/${pid}/stat`);
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent;
  });
}

const peakOf = (pid: number): number =>
  Number(/VmHWM:\s+(\d+) kB/.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) / 1024;

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
