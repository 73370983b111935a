import { readFile } from 'node:fs/promises';

/** A user whom the demo's identity list knows; nothing of it is secret. */
export interface DemoUser {
  readonly name: string;
  readonly token: string;
}

export const RACHEL: DemoUser = { name: 'rachel', token: 'rachel-token' };
export const HUB: DemoUser = { name: 'bot-jupyterhub', token: 'hub-token' };
export const ADMIN: DemoUser = { name: 'ops', token: 'admin-token' };

/** The demo's Nublado-style file, with the registry's true address in place of the sample one. */
export async function nubladoConfig(path: string, registryHost: string): Promise<string> {
  const text = await readFile(path, 'utf8');
  return text.replaceAll('127.0.0.1:5000', registryHost);
}

/** Berth's own section: identity from a list, and small things that suit a laptop. */
export function berthConfig(metricsPort: number): string {
  return `# Berth's own section, written by the demo.
berth:
  readiness: tcp
  metrics: { host: 127.0.0.1, port: ${String(metricsPort)} }
  auth:
    provider: development
    development:
      users:
        - username: ${RACHEL.name}
          name: Rachel Chen
          uid: 1101
          gid: 1101
          groups: [{ name: rachel, id: 1101 }, { name: lab-users, id: 2000 }]
          quota: { cpu: 9, memory: 27Gi }
          token: ${RACHEL.token}
        - username: ${HUB.name}
          uid: 9001
          gid: 9001
          groups: []
          roles: [hub]
          token: ${HUB.token}
        - username: ${ADMIN.name}
          uid: 9002
          gid: 9002
          groups: []
          roles: [hub, admin]
          token: ${ADMIN.token}
`;
}
