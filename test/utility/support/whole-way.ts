import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { request, type ClientRequest } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inject } from 'vitest';
import { urlAnnotation } from '../../../simulator/actors/kubelet/script.js';
import { startCluster, type Cluster } from '../../../simulator/cluster.js';
import type { Ingress } from '../../../simulator/identity/ingress.js';
import { BerthProcess } from '../../support/berth-process.js';
import { aPlatform } from '../../support/platform.js';
import { NginxIngress } from './nginx-ingress.js';

const FILES = 'fileservers';
/** Long enough to begin an upload in, mostly; whoever is late asks for the files again. */
const IDLE_SECONDS = 3;
const OPEN_MS = 60_000;

/** A container has no mounts of its own here: what it would see at /mnt is the folder, and its key lies below ROOT. */
const SERVER = 'BERTH_VERIFY_KEY_FILE="$ROOT$BERTH_VERIFY_KEY_FILE" exec "$0" -p "$PORT" -d "$1"';

/** An upload that keeps its server up for as long as it is not finished. */
export interface HeldUpload {
  /** What the page said. */
  readonly url: string;
  /** Sends the rest; resolves with the status. */
  finish(): Promise<number>;
}

interface PodEnd {
  readonly metadata: { readonly name: string };
  readonly status: {
    readonly phase?: string;
    readonly containerStatuses?: readonly {
      readonly state: { readonly terminated?: { readonly exitCode: number } };
    }[];
  };
}

interface Parts {
  readonly cluster: Cluster;
  readonly berth: BerthProcess;
  readonly nginx: NginxIngress;
  readonly login: Ingress;
  /** What all servers serve. */
  readonly folder: string;
}

/** The embedded cluster, the built Berth, real WebDAV servers as its pods, and a real nginx in front of them. */
export class WholeWay {
  readonly cluster: Cluster;
  readonly berth: BerthProcess;
  private readonly parts: Parts;

  private constructor(parts: Parts) {
    this.cluster = parts.cluster;
    this.berth = parts.berth;
    this.parts = parts;
  }

  /** `folder` is what all servers serve. */
  static async start(folder: string): Promise<WholeWay> {
    const cluster = await startCluster({
      nodes: 1,
      registry: {},
      identity: {},
      namespaces: ['berth', FILES],
      only: ['serviceAccounts', 'namespaces', 'owners', 'scheduler', 'claims', 'jobs', 'kubelets'],
      scripts: {
        'platform/utility': { process: { command: 'sh', args: ['-c', SERVER, program(), folder] } },
      },
    });
    const nginx = await NginxIngress.start(cluster);
    const berth = await BerthProcess.prepare(files(cluster, nginx.url));
    await berth.start();
    const login = await identityOf(cluster).ingress(berth.url);
    return new WholeWay({ cluster, berth, nginx, login, folder });
  }

  async stop(): Promise<void> {
    await this.berth.dispose();
    await this.parts.nginx.stop();
    await this.cluster.close();
  }

  /** Gives somebody a token, or takes it away. */
  get tokens() {
    return identityOf(this.cluster).tokens;
  }

  /** A request to Berth through the ingress that says who it is. */
  async ask(method: string, path: string, user: string): Promise<{ status: number; text: string }> {
    const headers = { authorization: `Bearer ${user}-token`, accept: 'text/html' };
    const answer = await fetch(this.parts.login.url + path, { method, headers });
    return { status: answer.status, text: await answer.text() };
  }

  /** GET F, and an upload that is under way: whenever the server has idled away before, once more. */
  async open(user: string, file: string): Promise<HeldUpload> {
    const until = performance.now() + OPEN_MS;
    for (;;) {
      const page = await this.ask('GET', '/files', user);
      const url = /href="(http:\/\/127[^"]+)"/.exec(page.text)?.[1];
      const put = url === undefined ? undefined : await this.begin(`${url}/${file}`, user);
      if (url !== undefined && put) return { url, finish: () => finish(put) };
      if (performance.now() > until)
        throw new Error(`GET /files: ${page.status} ${page.text}\n${this.berth.log}`);
    }
  }

  /** Kind and name of everything in the servers' namespace that is of this user. */
  objects(user: string): readonly string[] {
    const kinds = ['ingresses.networking.k8s.io', 'jobs.batch', 'pods', 'secrets', 'services'];
    return kinds.flatMap((kind) =>
      this.cluster.api.store
        .dump(kind)
        .filter(({ metadata }) => metadata.namespace === FILES && metadata.name.startsWith(`${user}-fs`))
        .map(() => kind.split('.')[0] ?? ''),
    );
  }

  /** Where the process of a user's server listens, without nginx in front of it. */
  upstream(user: string): string {
    const pod = this.cluster.api.store
      .dump('pods')
      .find(({ metadata }) => metadata.name.startsWith(`${user}-fs`));
    return pod?.metadata.annotations?.[urlAnnotation] ?? '';
  }

  /** How the containers of a user's pods ended since a revision: every change is in the API server's history. */
  async exitCodes(user: string, since: string): Promise<readonly number[]> {
    const query = `watch=true&resourceVersion=${since}&timeoutSeconds=1`;
    const answer = await fetch(`${this.cluster.api.url}/api/v1/namespaces/${FILES}/pods?${query}`);
    const lines = (await answer.text()).split('\n').filter((line) => line !== '');
    const pods = lines.map((line) => (JSON.parse(line) as { object: PodEnd }).object);
    return pods
      .filter(
        ({ metadata, status }) => metadata.name.startsWith(`${user}-fs`) && status.phase === 'Succeeded',
      )
      .map(({ status }) => status.containerStatuses?.[0]?.state.terminated?.exitCode ?? -1);
  }

  record(user: string): { readonly status?: { readonly phase?: string } } | undefined {
    const records = this.cluster.api.store.dump('fileservers.berth.dev');
    return records.find(({ metadata }) => metadata.name === user) as ReturnType<WholeWay['record']>;
  }

  private async begin(url: string, user: string): Promise<ClientRequest | undefined> {
    const before = this.uploads();
    const authorization = `Basic ${btoa(`${user}:${user}-token`)}`;
    const put = request(url, { method: 'PUT', headers: { authorization, 'content-length': '10' } });
    const over = new AbortController();
    put.on('error', () => over.abort()).on('response', () => over.abort());
    put.write('12345');
    while (!over.signal.aborted) {
      if (this.uploads() > before) return put;
      await sleep(5);
    }
    put.destroy();
    return undefined;
  }

  private uploads(): number {
    return readdirSync(this.parts.folder).filter((name) => name.startsWith('.berth-upload-')).length;
  }
}

async function finish(put: ClientRequest): Promise<number> {
  const answered = once(put, 'response') as Promise<[{ statusCode: number; resume(): void }]>;
  put.end('67890');
  const [response] = await answered;
  response.resume();
  return response.statusCode;
}

const program = (): string => join(inject('utilityProgram').folder, 'worblehat');

function identityOf({ identity }: Cluster): NonNullable<Cluster['identity']> {
  if (!identity) throw new Error('the cluster has no identity stub');
  return identity;
}

function files(cluster: Cluster, url: string): Parameters<typeof BerthProcess.prepare>[0] {
  const platform = aPlatform(cluster);
  return {
    ...platform,
    config: `${platform.config}
fileserver:
  enabled: true
  namespace: ${FILES}
  idleTimeout: ${IDLE_SECONDS}s
  volumeMounts:
    - { containerPath: /home, volumeName: home }
`,
    extra: `
berth:
  metrics: { host: 127.0.0.1, port: METRICS_PORT }
  fileservers: { publish: ingress, verifyUrl: 'http://127.0.0.1:BERTH_PORT/nublado' }
`,
    environment: {
      ...platform.environment,
      EXTERNAL_INSTANCE_URL: url,
      NUBLADO_CONTROLLER_REPOSITORY: 'platform/utility',
      NUBLADO_CONTROLLER_TAG: '1',
    },
  };
}
