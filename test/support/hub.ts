import { request } from 'undici';
import { readStream, type Reading } from './sse-reader.js';

export interface HubAnswer {
  readonly status: number;
  readonly text: string;
}

/** Speaks to the process under test as JupyterHub does, with the tokens of `aPlatform`. */
export class Hub {
  constructor(private readonly berthUrl: string) {}

  /** Posts `create` for `user`; resolves with the status code. */
  async create(user: string, env: Readonly<Record<string, string>> = {}): Promise<number> {
    const body = {
      options: { image_tag: 'recommended', size: 'small' },
      env: { JUPYTERHUB_SERVICE_PREFIX: `/nb/user/${user}/`, JUPYTERHUB_API_TOKEN: 'hub-api-token', ...env },
    };
    const { status } = await this.call('POST', `/labs/${user}/create`, { token: `${user}-token`, body });
    return status;
  }

  status(user: string): Promise<HubAnswer> {
    return this.call('GET', `/labs/${user}`, { token: 'hub-token' });
  }

  list(): Promise<HubAnswer> {
    return this.call('GET', '/labs', { token: 'hub-token' });
  }

  async remove(user: string): Promise<number> {
    const { status } = await this.call('DELETE', `/labs/${user}`, { token: 'hub-token' });
    return status;
  }

  /** Opens the progress stream of `user`. */
  events(user: string, lastEventId?: string): Promise<Reading> {
    const url = `${this.berthUrl}/nublado/spawner/v1/labs/${user}/events`;
    return readStream({ url, token: `${user}-token`, lastEventId });
  }

  private async call(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    { token, body }: { token: string; body?: unknown },
  ): Promise<HubAnswer> {
    const answer = await request(`${this.berthUrl}/nublado/spawner/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
      headersTimeout: 90_000,
    });
    return { status: answer.statusCode, text: await answer.body.text() };
  }
}
