import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import type { Launch } from '../processes.js';

/** Who may pull from the guarded registry; the hash is bcrypt, because docker-registry takes no other. */
export const PULLER = {
  credentials: 'puller:recorded',
  line: 'puller:$2b$04$J9sRc8Mvd92iWxQ/5PvvoufeY/TZCIGJDr18Oz3cUCshR8oTGMzZO\n',
};

export interface RegistryFacts {
  readonly folder: string;
  readonly port: number;
  readonly isGuarded: boolean;
}

/** Writes a real registry's files; resolves with how to start it. Debian's `docker-registry`, on loopback. */
export async function prepareRegistry(facts: RegistryFacts): Promise<Omit<Launch, 'folder'>> {
  const { folder, port, isGuarded } = facts;
  const name = isGuarded ? 'registry-guarded' : 'registry';
  const place = join(folder, name);
  await mkdir(place, { recursive: true });
  const users = join(place, 'htpasswd');
  if (isGuarded) await writeFile(users, PULLER.line);
  const config = {
    version: 0.1,
    log: { level: 'warn' },
    storage: { filesystem: { rootdirectory: join(place, 'data') }, delete: { enabled: true } },
    http: { addr: `127.0.0.1:${port}` },
    ...(isGuarded ? { auth: { htpasswd: { realm: 'science', path: users } } } : {}),
  };
  const file = join(place, 'config.yml');
  await writeFile(file, JSON.stringify(config));
  return { name, command: 'docker-registry', args: ['serve', file] };
}

/** Resolves when it answers; 401 is an answer too. */
export async function registryAnswers(port: number): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    const status = await request(`http://127.0.0.1:${port}/v2/`)
      .then(async ({ statusCode, body }) => body.dump().then(() => statusCode))
      .catch(() => 0);
    if (status === 200 || status === 401) return;
    await sleep(50);
  }
  throw new Error('docker-registry does not answer');
}
