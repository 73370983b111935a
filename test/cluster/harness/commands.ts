import { join } from 'node:path';
import { CONTROLLER_MANAGER, SCHEDULER } from './credentials.js';
import type { Program } from './build.js';

/** How fast the controllers may be. Stock ones make 20 and 50 requests a second: measured, that is what one measures. */
export type Limits = 'raised' | 'stock';

export interface Ports {
  readonly etcd: number;
  readonly etcdPeer: number;
  readonly api: number;
  readonly controllerManager: number;
  readonly scheduler: number;
}

export interface CommandFacts {
  readonly folder: string;
  readonly ports: Ports;
  readonly limits: Limits;
  readonly audit: boolean;
}

/** The file with the token of a program's user. */
export const kubeconfigFile = (folder: string, user: string): string =>
  join(folder, `${user.replace(/\W/g, '-')}.kubeconfig`);

/** Where etcd keeps everything. */
export const dataOf = (folder: string): string => join(folder, 'etcd');

export const auditLog = (folder: string): string => join(folder, 'audit.log');
export const auditPolicy = (folder: string): string => join(folder, 'audit-policy.json');

/** The arguments of each program (Kubernetes and etcd documentation, "Command line tools reference"). */
export const argumentsOf: Readonly<Record<Program, (facts: CommandFacts) => readonly string[]>> = {
  etcd: ({ folder, ports }) => {
    const client = `http://127.0.0.1:${String(ports.etcd)}`;
    const peer = `http://127.0.0.1:${String(ports.etcdPeer)}`;
    return [
      `--data-dir=${dataOf(folder)}`,
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=default=${peer}`,
      // The data live as long as the run: a power cut may take them.
      '--unsafe-no-fsync',
    ];
  },
  'kube-apiserver': ({ folder, ports, audit }) => [
    `--etcd-servers=http://127.0.0.1:${String(ports.etcd)}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${String(ports.api)}`,
    '--advertise-address=127.0.0.1',
    '--endpoint-reconciler-type=none',
    `--cert-dir=${join(folder, 'certs')}`,
    `--token-auth-file=${join(folder, 'tokens.csv')}`,
    '--authorization-mode=Node,RBAC',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${join(folder, 'sa.pub')}`,
    `--service-account-signing-key-file=${join(folder, 'sa.key')}`,
    '--service-cluster-ip-range=10.96.0.0/16',
    '--allow-privileged=true',
    ...(audit ? auditArguments(folder) : []),
  ],
  'kube-controller-manager': (facts) => [
    ...clientArguments(facts, CONTROLLER_MANAGER),
    `--secure-port=${String(facts.ports.controllerManager)}`,
    `--cert-dir=${join(facts.folder, 'certs', 'controller-manager')}`,
    '--use-service-account-credentials=true',
    `--service-account-private-key-file=${join(facts.folder, 'sa.key')}`,
    `--root-ca-file=${join(facts.folder, 'certs', 'apiserver.crt')}`,
    ...(facts.limits === 'raised' ? ['--concurrent-namespace-syncs=50'] : []),
  ],
  'kube-scheduler': (facts) => [
    ...clientArguments(facts, SCHEDULER),
    `--secure-port=${String(facts.ports.scheduler)}`,
    `--cert-dir=${join(facts.folder, 'certs', 'scheduler')}`,
  ],
};

function clientArguments({ folder, limits }: CommandFacts, user: string): readonly string[] {
  const kubeconfig = kubeconfigFile(folder, user);
  return [
    `--kubeconfig=${kubeconfig}`,
    `--authentication-kubeconfig=${kubeconfig}`,
    `--authorization-kubeconfig=${kubeconfig}`,
    '--bind-address=127.0.0.1',
    '--leader-elect=false',
    ...(limits === 'raised' ? ['--kube-api-qps=1000', '--kube-api-burst=2000'] : []),
  ];
}

function auditArguments(folder: string): readonly string[] {
  // One file for the whole run: a rotated log would lose requests from the count.
  return [
    `--audit-policy-file=${auditPolicy(folder)}`,
    `--audit-log-path=${auditLog(folder)}`,
    '--audit-log-maxsize=100000',
  ];
}
