import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from '../../../simulator/free-ports.js';
import { findProgram } from './tools.js';

export const LOOK_EVERY_MS = 20;

/** A real nginx with one server on loopback. What that server holds are directives of its `server` block. */
export class Nginx {
  private readonly folder = mkdtempSync(join(tmpdir(), 'berth-nginx-'));
  private readonly file = join(this.folder, 'nginx.conf');
  private readonly process: ChildProcess;

  private constructor(
    private readonly port: number,
    server: string,
  ) {
    this.write(server);
    const args = ['-c', this.file, '-p', this.folder, '-e', join(this.folder, 'error.log')];
    this.process = spawn(findProgram('nginx') ?? 'nginx', args, { stdio: ['ignore', 'ignore', 'inherit'] });
  }

  /** Resolves when it listens: before that, the signal that it should read its file again would end it. */
  static async start(server: string): Promise<Nginx> {
    const [port = 0] = await freePorts(1);
    const nginx = new Nginx(port, server);
    while ((await nginx.statusOf('/')) === 0) {
      if (nginx.process.exitCode !== null) throw new Error('nginx does not start');
      await sleep(LOOK_EVERY_MS);
    }
    return nginx;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get pid(): number | undefined {
    return this.process.pid;
  }

  /** Has it serve something else from now on; its workers are replaced one by one. */
  reload(server: string): void {
    this.write(server);
    this.process.kill('SIGHUP');
  }

  /** 0 while nobody answers. */
  async statusOf(path: string): Promise<number> {
    const answer = await fetch(this.url + path, { method: 'OPTIONS' }).catch(() => undefined);
    await answer?.arrayBuffer();
    return answer?.status ?? 0;
  }

  async stop(): Promise<void> {
    const { process } = this;
    if (process.exitCode === null && process.signalCode === null) {
      process.kill('SIGTERM');
      await once(process, 'exit');
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  private write(server: string): void {
    writeFileSync(this.file, configuration(this.folder, this.port, server));
  }
}

const configuration = (folder: string, port: number, server: string): string => `
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
    ${server}
  }
}`;
