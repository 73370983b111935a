import { BareClient } from './api.js';

/** Labs through the public API, as the Hub starts and stops them. */
export class BenchLabs {
  private readonly client: BareClient;

  constructor(url: string) {
    this.client = new BareClient(`${url}/nublado/spawner/v1`);
  }

  /** POST, then the progress stream until it says `complete`. */
  async spawn(user: string): Promise<void> {
    const headers = { authorization: `Bearer ${user}-token` };
    const { status, body } = await this.client.call(`/labs/${user}/create`, {
      method: 'POST',
      headers,
      body: {
        options: { image_tag: 'recommended', size: 'small' },
        env: { JUPYTERHUB_SERVICE_PREFIX: `/nb/user/${user}/`, JUPYTERHUB_API_TOKEN: 'token' },
      },
    });
    if (status !== 201) throw new Error(`create answered ${String(status)}: ${JSON.stringify(body)}`);
    let event = '';
    for await (const line of this.client.lines(`/labs/${user}/events`, headers)) {
      if (line.startsWith('event: ')) event = line.slice(7).trim();
      if (event === 'complete') return;
      if (event === 'failed') throw new Error(`The spawn of ${user} failed.`);
    }
    throw new Error(`The stream of ${user} ended without an end.`);
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
