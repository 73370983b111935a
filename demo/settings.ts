import { readFile } from 'node:fs/promises';

/** A user of `demo/config.yaml`; nothing of it is secret. */
export interface DemoUser {
  readonly name: string;
  readonly token: string;
}

export const RACHEL: DemoUser = { name: 'rachel', token: 'gt-rachel-for-the-demo-only' };
export const HUB: DemoUser = { name: 'hub', token: 'gt-hub-for-the-demo-only' };

/** The demo's Nublado-style file, with the registry's true address in place of the sample one. */
export async function nubladoConfig(path: string, registryHost: string): Promise<string> {
  const text = await readFile(path, 'utf8');
  return text.replaceAll('127.0.0.1:5000', registryHost);
}

/** The second file: a free port for metrics, so that two demos can run side by side. */
export const BERTH_CONFIG = 'berth:\n  metrics: { host: 127.0.0.1, port: 0 }\n';

/** The Secret that the configuration names under `lab.secrets`. */
export const LAB_SECRET = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'nublado-lab-secret', namespace: 'berth' },
  type: 'Opaque',
  stringData: {
    'postgres-credentials.txt': 'db.example.org:5432:*:rachel:not-a-password\n',
    'aws-credentials.ini': '[default]\naws_access_key_id = not-a-key\n',
  },
};
