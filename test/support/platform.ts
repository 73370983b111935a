import type { Cluster } from '../../simulator/cluster.js';
import type { BerthFiles } from './berth-process.js';

/** Users that every test of the whole process may use; their tokens are `<name>-token`. */
const USERS = `
    users:
      - { username: rachel, name: Rachel Chen, uid: 1101, gid: 1101, token: rachel-token,
          groups: [{ name: rachel, id: 1101 }, { name: lab-users, id: 2000 }] }
      - { username: dario, name: Dario Rossi, uid: 1102, gid: 1102, token: dario-token,
          groups: [{ name: dario, id: 1102 }] }
      - { username: hub, uid: 9001, gid: 9001, token: hub-token, groups: [], roles: [hub] }
      - { username: root-admin, uid: 9002, gid: 9002, token: admin-token, groups: [], roles: [admin] }
`;

/** What Berth stands on: the embedded cluster, or a real one with a registry and an identity stub beside it. */
export interface Ground {
  readonly registry?: Pick<NonNullable<Cluster['registry']>, 'host' | 'repository'>;
  readonly identity?: Pick<NonNullable<Cluster['identity']>, 'url'>;
  kubeconfig(namespace: string): object;
}

/** The files of a Berth that runs against a cluster, its registry and its discovery document. */
export function aPlatform(ground: Ground): BerthFiles {
  const { registry, identity } = ground;
  if (!registry || !identity)
    throw new Error('The platform needs a cluster with registry and identity stub.');
  return {
    kubeconfig: ground.kubeconfig('berth'),
    config: `
images:
  source: { type: docker, registry: '${registry.host}', repository: ${registry.repository} }
  dockerCredentialsPath: null
  recommendedTag: recommended
fsadmin: {}
lab:
  namespacePrefix: userlabs
  spawnTimeout: 2m
  sizes:
    - { size: small, resources: { limits: { cpu: 1, memory: 3Gi }, requests: { cpu: 0.25, memory: 768Mi } } }
    - { size: large, resources: { limits: { cpu: 4, memory: 12Gi }, requests: { cpu: 1, memory: 3Gi } } }
  volumes:
    - { name: home, source: { type: hostPath, path: /home } }
  volumeMounts:
    - { containerPath: /home, volumeName: home }
`,
    extra: `
berth:
  metrics: { host: 127.0.0.1, port: METRICS_PORT }
  # A killed process leaves its lease behind; nobody wants to wait 15 s for it in a test.
  lease: { duration: 3s, renewDeadline: 2s, retryInterval: 0.5 }
  auth:
    provider: development
    development:${USERS.replace(/\n/g, '\n  ')}
`,
    environment: { REPERTOIRE_BASE_URL: `${identity.url}/repertoire` },
  };
}
