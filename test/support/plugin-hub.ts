import { Agent, request } from 'undici';
import { readAsPlugin, type Shown } from './plugin-parser.js';

/** Where the next request goes: a Service gives each connection to any replica. */
export type Door = () => string;

export interface PluginSpawn {
  /** What the Hub's user was shown. */
  readonly shown: readonly Shown[];
  readonly url: string;
  /** The stream as it came. */
  readonly text: string;
}

interface Sent {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly token: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
}

interface Answered {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/**
 * JupyterHub with Nublado's plugins, as far as the controller sees it: their requests with their headers, in their order,
 * none of them sent twice, their answers read by their rules. Whatever would fail a spawn there throws here.
 */
export class PluginHub {
  private readonly dispatcher = new Agent({ headersTimeout: 120_000, bodyTimeout: 120_000 });

  constructor(
    private readonly user: string,
    private readonly door: Door,
  ) {}

  /** The spawn page, the spawn, and the address of the lab: `options_form`, `start`. */
  async spawn(): Promise<PluginSpawn> {
    await this.ask();
    return this.follow();
  }

  /** The first half of a spawn: it is accepted. */
  async ask(): Promise<void> {
    await this.create(await this.form());
  }

  /** The second half: its story, and the address of the lab. */
  async follow(): Promise<PluginSpawn> {
    const { type, text } = await this.send({
      method: 'GET',
      path: `labs/${this.user}/events`,
      token: `${this.user}-token`,
      headers: { accept: 'text/event-stream', 'cache-control': 'no-store' },
    });
    if (!type.includes('text/event-stream')) throw new Error(`events of type ${type}: ${text}`);
    const shown = readAsPlugin(text);
    const last = shown.at(-1);
    if (last?.kind === 'failed') throw new Error(`the spawn failed: ${last.text}`);
    return { shown, text, url: await this.address() };
  }

  /** `poll`: whether the Hub believes that the lab lives. */
  async lives(): Promise<boolean> {
    const { status, text } = await this.asHub('GET');
    if (status === 404) return false;
    if (status < 200 || status > 299) throw new Error(`poll: ${String(status)} ${text}`);
    const { status: state } = JSON.parse(text) as { status?: string };
    if (state === undefined) throw new Error(`a lab without a status: ${text}`);
    return !['failed', 'terminating', 'terminated'].includes(state);
  }

  /** The user's stop: two polls, then `stop`. */
  async stop(): Promise<void> {
    for (let nth = 0; nth < 2; nth += 1)
      if (!(await this.lives())) throw new Error('not running, says the poll');
    await this.remove();
  }

  async close(): Promise<void> {
    await this.dispatcher.close();
  }

  private async remove(): Promise<void> {
    const { status, text } = await this.asHub('DELETE');
    if (status !== 404 && (status < 200 || status > 299)) throw new Error(`stop: ${String(status)} ${text}`);
  }

  /** What a browser posts that changes nothing in the form. */
  private async form(): Promise<object> {
    const { user } = this;
    const { status, text } = await this.send({
      method: 'GET',
      path: `lab-form/${user}`,
      token: `${user}-token`,
    });
    if (status !== 200) throw new Error(`lab-form: ${String(status)} ${text}`);
    const chosen = (name: string): readonly string[] => {
      const value = new RegExp(`name="${name}"[^>]* value="([^"]*)" checked`).exec(text)?.[1];
      return value === undefined ? [] : [value];
    };
    const dropdown = /<option value="([^"]*)"/.exec(text)?.[1];
    return {
      image_list: chosen('image_list'),
      ...(dropdown === undefined ? {} : { image_dropdown: [dropdown] }),
      size: chosen('size'),
    };
  }

  /** A lab that is in the way is an orphan to the plugin: it goes, and the spawn is asked for once more. */
  private async create(options: object): Promise<void> {
    const { user } = this;
    const body = { options, env: environmentOf(user) };
    const asked = { method: 'POST', path: `labs/${user}/create`, token: `${user}-token`, body } as const;
    let answer = await this.send(asked);
    if (answer.status === 409) {
      await this.remove();
      answer = await this.send(asked);
    }
    if (answer.status !== 201) throw new Error(`create: ${String(answer.status)} ${answer.text}`);
  }

  private async address(): Promise<string> {
    const { status, text } = await this.asHub('GET');
    if (status !== 200) throw new Error(`status after the events: ${String(status)} ${text}`);
    const { internal_url: url } = JSON.parse(text) as { internal_url?: string | null };
    if (!url) throw new Error(`no address: ${text}`);
    return url;
  }

  private asHub(method: 'GET' | 'DELETE'): Promise<Answered> {
    return this.send({ method, path: `labs/${this.user}`, token: 'hub-token' });
  }

  private async send({ method, path, token, headers, body }: Sent): Promise<Answered> {
    const answer = await request(`${this.door()}/nublado/spawner/v1/${path}`, {
      method,
      dispatcher: this.dispatcher,
      headers: {
        'user-agent': 'python-httpx/0.28.1',
        accept: '*/*',
        'accept-encoding': 'gzip, deflate',
        connection: 'keep-alive',
        authorization: `Bearer ${token}`,
        ...(body ? { 'content-type': 'application/json' } : {}),
        ...headers,
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const type = String(answer.headers['content-type'] ?? '');
    return { status: answer.statusCode, type, text: await answer.body.text() };
  }
}

/** Of the Hub's own 18 variables those that matter to a controller: an empty one, a secret one, a list. */
const environmentOf = (user: string): Readonly<Record<string, string>> => ({
  JUPYTERHUB_API_TOKEN: `hub-api-token-of-${user}`,
  JUPYTERHUB_USER: user,
  JUPYTERHUB_SERVER_NAME: '',
  JUPYTERHUB_OAUTH_SCOPES: `["access:servers!server=${user}/"]`,
  JUPYTERHUB_BASE_URL: '/nb/',
  JUPYTERHUB_SERVICE_PREFIX: `/nb/user/${user}/`,
});
