import { BareClient } from './api.js';

/** Spawned at a time. */
export const CROWD = 50;

/** What a spawn's caller waited for, in milliseconds. */
export interface Spawned {
  /** POST to its answer. */
  readonly accepted: number;
  /** Asking for the stream to its first line. */
  readonly opened: number;
}

/** Labs through the public API, as the Hub starts and stops them. */
export class BenchLabs {
  private readonly client: BareClient;

  /** By default a caller waits for none of its own: each open stream keeps a connection. */
  constructor(url: string, connections = 2_000) {
    this.client = new BareClient({ url: `${url}/nublado/spawner/v1` }, 'bench', connections);
  }

  /** POST, then the progress stream until it says `complete`. */
  async spawn(user: string): Promise<Spawned> {
    const began = performance.now();
    await this.accept(user);
    const accepted = performance.now() - began;
    return { accepted, opened: await this.follow(user) };
  }

  /** POST until its 201. */
  async accept(user: string, tag = 'recommended'): Promise<void> {
    const { status, body } = await this.client.call(`/labs/${user}/create`, {
      method: 'POST',
      headers: as(user),
      body: { options: { image_tag: tag, size: 'small' }, env: environmentOf(user) },
    });
    if (status !== 201) throw new Error(`create answered ${String(status)}: ${JSON.stringify(body)}`);
  }

  /** The progress stream until it says `complete`; resolves with the time to its first line. */
  async follow(user: string): Promise<number> {
    const began = performance.now();
    let opened: number | undefined;
    let event = '';
    for await (const line of this.client.lines(`/labs/${user}/events`, as(user))) {
      opened ??= performance.now() - began;
      if (line.startsWith('event: ')) event = line.slice(7).trim();
      if (event === 'complete') return opened;
      if (event === 'failed') throw new Error(`The spawn of ${user} failed.`);
    }
    throw new Error(`The stream of ${user} ended without an end.`);
  }

  /** Many spawns, so many at a time that nothing queues for long. */
  async crowd(users: readonly string[]): Promise<void> {
    for (let start = 0; start < users.length; start += CROWD)
      await Promise.all(users.slice(start, start + CROWD).map((user) => this.spawn(user)));
  }

  /** One status read; resolves with the status code. */
  async status(user: string): Promise<number> {
    const { status } = await this.client.call(`/labs/${user}`, {
      headers: { authorization: 'Bearer hub-token' },
    });
    return status;
  }

  async remove(user: string): Promise<void> {
    const { status } = await this.client.call(`/labs/${user}`, {
      method: 'DELETE',
      headers: { authorization: 'Bearer hub-token' },
    });
    if (status !== 204) throw new Error(`DELETE answered ${String(status)}`);
  }

  async close(): Promise<void> {
    await this.client.close();
  }
}

const as = (user: string): Readonly<Record<string, string>> => ({ authorization: `Bearer ${user}-token` });

/** As many and as long as those that a real Hub sends. */
const environmentOf = (user: string): Readonly<Record<string, string>> => ({
  JUPYTERHUB_ACTIVITY_URL: `http://hub.nublado:8081/nb/hub/api/users/${user}/activity`,
  JUPYTERHUB_API_TOKEN: '0123456789abcdef0123456789abcdef',
  JUPYTERHUB_API_URL: 'http://hub.nublado:8081/nb/hub/api',
  JUPYTERHUB_BASE_URL: '/nb/',
  JUPYTERHUB_CLIENT_ID: `jupyterhub-user-${user}`,
  JUPYTERHUB_COOKIE_HOST_PREFIX_ENABLED: '0',
  JUPYTERHUB_HOST: '',
  JUPYTERHUB_OAUTH_ACCESS_SCOPES: `["access:servers!server=${user}/", "access:servers!user=${user}"]`,
  JUPYTERHUB_OAUTH_CALLBACK_URL: `/nb/user/${user}/oauth_callback`,
  JUPYTERHUB_OAUTH_CLIENT_ALLOWED_SCOPES: '[]',
  JUPYTERHUB_OAUTH_SCOPES: `["access:servers!server=${user}/", "access:servers!user=${user}"]`,
  JUPYTERHUB_SERVER_NAME: '',
  JUPYTERHUB_SERVICE_PREFIX: `/nb/user/${user}/`,
  JUPYTERHUB_SERVICE_URL: `http://0.0.0.0:8888/nb/user/${user}/`,
  JUPYTERHUB_USER: user,
});
