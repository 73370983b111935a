import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { urlAnnotation } from '../../../simulator/actors/kubelet/script.js';
import type { Cluster } from '../../../simulator/cluster.js';
import { LOOK_EVERY_MS, Nginx } from './nginx.js';

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
  private working: Promise<void> = Promise.resolve();
  private isOver = false;

  private constructor(
    private readonly cluster: Cluster,
    private readonly nginx: Nginx,
  ) {}

  static async start(cluster: Cluster): Promise<NginxIngress> {
    const ingress = new NginxIngress(cluster, await Nginx.start(serverFor([])));
    ingress.working = ingress.work();
    return ingress;
  }

  get url(): string {
    return this.nginx.url;
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await this.working;
    await this.nginx.stop();
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
    this.nginx.reload(serverFor(routes));
    for (const { path } of routes) {
      while (
        !this.isOver &&
        (before.some((pid) => this.workers().includes(pid)) ||
          [0, 404, 502].includes(await this.nginx.statusOf(path)))
      )
        await sleep(LOOK_EVERY_MS);
    }
  }

  /** proc(5): the fourth field of stat, after the name in parentheses, is the parent. */
  private workers(): readonly string[] {
    return readdirSync('/proc').filter((pid) => {
      if (!/^\d+$/.test(pid)) return false;
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === this.nginx.pid;
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
}

const pathsOf = ({ spec }: Ingress): readonly IngressPath[] => spec.rules.flatMap(({ http }) => http.paths);

const serverFor = (routes: readonly Route[]): string => `
    client_max_body_size 0;
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
      .join('')}`;
