import { request } from 'undici';

import { startCluster } from '../../simulator/cluster.js';
import type { Cluster } from '../../simulator/cluster.js';
import type { IdentityUser } from '../../simulator/identity/index.js';
import { BerthProcess } from './berth-process.js';

/** Somebody with a group of their own and, unless told otherwise, everything that a lab needs. */
const somebody = (username: string, parts: Partial<IdentityUser> = {}): IdentityUser => ({
  username,
  name: `Some ${username}`,
  uid: 1101,
  gid: 1101,
  groups: [{ name: username, id: 1101 }],
  ...parts,
});
const notebook = (cpu: number, memory: number, spawn = true): Pick<IdentityUser, 'quota'> => ({
  quota: { notebook: { cpu, memory, spawn } },
});

/** People for whom each check of contract 2.6 comes out differently. */
const USERS: readonly IdentityUser[] = [
  somebody('rachel', {
    name: 'Rachel Chen',
    gid: 2028,
    groups: [
      { name: 'rachel', id: 1101 },
      { name: 'lunatics', id: 2028 },
    ],
    ...notebook(9, 27),
  }),
  somebody('vera'),
  somebody('exact', notebook(1, 3)),
  somebody('low-cpu', notebook(0.99, 99)),
  somebody('low-memory', notebook(99, 2.99)),
  { username: 'grounded', groups: [], ...notebook(99, 99, false) },
  { username: 'nobody', groups: [] },
  { username: 'root', uid: 0, gid: 0, groups: [] },
  { username: 'groupless', uid: 1107, groups: [] },
  { username: 'wheel', uid: 1107, gid: 0, groups: [] },
];

const size = (name: string, cpu: number, memory: string): string =>
  `    - { size: ${name}, resources: { limits: { cpu: ${String(cpu)}, memory: ${memory} }, requests: { cpu: 0.25, memory: 768Mi } } }`;

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export interface Opened extends Omit<Answer, 'text'> {
  text(): Promise<string>;
}

export interface Ask {
  readonly method?: 'GET' | 'POST' | 'DELETE' | 'HEAD' | 'OPTIONS' | 'PUT';
  readonly path: string;
  /** Whose headers the ingress would add; their token, unless `headers` has another. */
  readonly as?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly text?: string;
}

/** The built process on an embedded cluster, behind the headers of Gafaelfawr's ingress, as the contract has it. */
export class ContractPlatform {
  private constructor(
    readonly cluster: Cluster,
    readonly berth: BerthProcess,
  ) {}

  static async start(): Promise<ContractPlatform> {
    const cluster = await startCluster({
      nodes: 1,
      registry: {},
      identity: { users: USERS },
      timeScale: 0.02,
    });
    const { registry, identity } = cluster;
    if (!registry || !identity) throw new Error('the cluster has no registry and no identity stub');
    const berth = await BerthProcess.prepare({
      kubeconfig: cluster.kubeconfig('berth'),
      config: [
        'images:',
        `  source: { type: docker, registry: '${registry.host}', repository: ${registry.repository} }`,
        '  dockerCredentialsPath: null',
        'fsadmin: {}',
        'lab:',
        '  namespacePrefix: userlabs',
        '  sizes:',
        size('small', 1, '3Gi'),
        size('large', 4, '12Gi'),
        '  volumes: [{ name: home, source: { type: hostPath, path: /home } }]',
        '  volumeMounts: [{ containerPath: /home, volumeName: home }]',
      ].join('\n'),
      extra: 'berth: { metrics: { host: 127.0.0.1, port: METRICS_PORT } }\n',
      environment: { REPERTOIRE_BASE_URL: identity.repertoireUrl },
    });
    await berth.start();
    return new ContractPlatform(cluster, berth);
  }

  async close(): Promise<void> {
    await this.berth.dispose();
    await this.cluster.close();
  }

  /** As a pod runs it: registry, repository, tag and the digest that the registry knows. */
  image(tag: string): string {
    const { registry } = this.cluster;
    return `${this.reference(tag)}@${registry?.tags.get(tag) ?? 'unknown'}`;
  }

  /** `registry/repository:tag` */
  reference(tag: string): string {
    const { registry } = this.cluster;
    return `${registry?.host ?? ''}/${registry?.repository ?? ''}:${tag}`;
  }

  async ask(what: Ask): Promise<Answer> {
    const { text, ...head } = await this.open(what);
    return { ...head, text: await text() };
  }

  /** Resolves when the headers have come; of a stream, long before its end. */
  async open({ method = 'GET', path, as, headers = {}, json, text }: Ask): Promise<Opened> {
    const body = text ?? (json === undefined ? undefined : JSON.stringify(json));
    const user = as === undefined ? {} : { 'x-auth-request-user': as, 'x-auth-request-token': `${as}-token` };
    const answer = await request(this.berth.url + path, {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...user, ...headers },
      ...(body === undefined ? {} : { body }),
      headersTimeout: 120_000,
      bodyTimeout: 0,
    });
    return { status: answer.statusCode, headers: answer.headers, text: () => answer.body.text() };
  }
}
