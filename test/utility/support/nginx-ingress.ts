import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { urlAnnotation } from '../../../simulator/actors/kubelet/script.js';
import type { Cluster } from '../../../simulator/cluster.js';
import { freePorts } from '../../cluster/harness/ports.js';
import { findProgram } from './tools.js';

const LOOK_EVERY_MS = 20;

interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}
interface Ingress {
  readonly metadata: Metadata;
  readonly spec: {
    readonly rules: readonly { readonly http: { readonly paths: readonly IngressPath[] } }[];
  };
  readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly object[] } };
}
interface IngressPath {
  readonly path: string;
  readonly backend: { readonly service: { readonly name: string } };
}
interface Service {
  readonly metadata: Metadata;
  readonly spec: { readonly selector: Readonly<Record<string, string>> };
}
interface Pod {
  readonly metadata: Metadata;
  readonly status?: { readonly containerStatuses?: readonly { readonly ready: boolean }[] };
}
interface Route {
  readonly path: string;
  readonly upstream: string;
}

/** An ingress controller in miniature: a real nginx that serves what the cluster's Ingresses say, and gives them its address. */
export class NginxIngress {
  private readonly folder = mkdtempSync(join(tmpdir(), 'berth-ingress-'));
  private process: ChildProcess | undefined;
  private working: Promise<void> = Promise.resolve();
  private isOver = false;

  private constructor(
    private readonly cluster: Cluster,
    private readonly port: number,
  ) {}

  static async start(cluster: Cluster): Promise<NginxIngress> {
    const [port = 0] = await freePorts(1);
    const ingress = new NginxIngress(cluster, port);
    ingress.write([]);
    const args = ['-c', ingress.file, '-p', ingress.folder, '-e', join(ingress.folder, 'error.log')];
    ingress.process = spawn(findProgram('nginx') ?? 'nginx', args, {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    // Before it listens, the signal that it should read its file again would end it.
    while ((await ingress.statusOf('/')) !== 404) {
      if (ingress.process.exitCode !== null) throw new Error('nginx does not start');
      await sleep(LOOK_EVERY_MS);
    }
    ingress.working = ingress.work();
    return ingress;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await this.working;
    const { process } = this;
    if (process && process.exitCode === null && process.signalCode === null) {
      process.kill('SIGTERM');
      await once(process, 'exit');
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  private get file(): string {
    return join(this.folder, 'nginx.conf');
  }

  private async work(): Promise<void> {
    let served = '';
    while (!this.isOver) {
      const routes = this.routes();
      if (JSON.stringify(routes) !== served) {
        await this.serve(routes);
        served = JSON.stringify(routes);
      }
      for (const each of this.unaddressed(routes)) await this.address(each);
      await sleep(LOOK_EVERY_MS);
    }
  }

  private ingresses(): readonly Ingress[] {
    return this.cluster.api.store.dump('ingresses.networking.k8s.io') as unknown as Ingress[];
  }

  /** Paths whose pod is ready, with where its process listens. */
  private routes(): readonly Route[] {
    return this.ingresses().flatMap((ingress) =>
      pathsOf(ingress).flatMap(({ path, backend }) => {
        const upstream = this.upstream(ingress.metadata.namespace, backend.service.name);
        return upstream === undefined ? [] : [{ path, upstream }];
      }),
    );
  }

  private upstream(namespace: string | undefined, service: string): string | undefined {
    const isThere = ({ metadata }: { metadata: Metadata }): boolean => metadata.namespace === namespace;
    const found = (this.cluster.api.store.dump('services') as unknown as Service[]).find(
      (each) => isThere(each) && each.metadata.name === service,
    );
    const wanted = Object.entries(found?.spec.selector ?? {});
    const pod = (this.cluster.api.store.dump('pods') as unknown as Pod[]).find(
      (each) =>
        isThere(each) &&
        each.status?.containerStatuses?.[0]?.ready === true &&
        wanted.every(([key, value]) => each.metadata.labels?.[key] === value),
    );
    return found && pod?.metadata.annotations?.[urlAnnotation];
  }

  private unaddressed(routes: readonly Route[]): readonly Ingress[] {
    return this.ingresses().filter(
      (each) =>
        (each.status?.loadBalancer?.ingress ?? []).length === 0 &&
        pathsOf(each).every(({ path }) => routes.some((route) => route.path === path)),
    );
  }

  /** Resolves when nobody is left who would answer as before, but for transfers under way where a route went. */
  private async serve(routes: readonly Route[]): Promise<void> {
    const before = this.workers();
    this.write(routes);
    this.process?.kill('SIGHUP');
    for (const { path } of routes) {
      while (
        !this.isOver &&
        (before.some((pid) => this.workers().includes(pid)) ||
          [0, 404, 502].includes(await this.statusOf(path)))
      )
        await sleep(LOOK_EVERY_MS);
    }
  }

  /** 0 while nobody answers. */
  private async statusOf(path: string): Promise<number> {
    const answer = await fetch(this.url + path, { method: 'OPTIONS' }).catch(() => undefined);
    await answer?.arrayBuffer();
    return answer?.status ?? 0;
  }

  /** proc(5): the fourth field of stat, after the name in parentheses, is the parent. */
  private workers(): readonly string[] {
    return readdirSync('/proc').filter((pid) => {
      if (!/^\d+$/.test(pid)) return false;
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === this.process?.pid;
      } catch {
        // It ended while we looked.
        return false;
      }
    });
  }

  private async address({ metadata: { namespace = '', name } }: Ingress): Promise<void> {
    const path = `/apis/networking.k8s.io/v1/namespaces/${namespace}/ingresses/${name}/status`;
    const answer = await fetch(this.cluster.api.url + path, {
      method: 'PATCH',
      headers: { 'content-type': 'application/merge-patch+json' },
      body: JSON.stringify({ status: { loadBalancer: { ingress: [{ ip: '127.0.0.1' }] } } }),
    });
    await answer.arrayBuffer();
  }

  private write(routes: readonly Route[]): void {
    writeFileSync(this.file, configuration(this.folder, this.port, routes));
  }
}

const pathsOf = ({ spec }: Ingress): readonly IngressPath[] => spec.rules.flatMap(({ http }) => http.paths);

const configuration = (folder: string, port: number, routes: readonly Route[]): string => `
daemon off;
user root;
worker_processes 1;
pid ${folder}/pid;
events {}
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  client_max_body_size 0;
  server {
    listen 127.0.0.1:${port};
    location / { return 404; }
    ${routes
      .map(
        ({ path, upstream }) => `
    location ${path} {
      proxy_pass ${upstream.replace(/\/$/, '')};
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_request_buffering off;
    }`,
      )
      .join('')}
  }
}`;
