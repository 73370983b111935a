import type { IncomingMessage } from 'node:http';
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

export interface UpstreamOptions {
  /** The API server's address. */
  readonly target: string;
  /** Sent as bearer token in place of whatever the client sends. */
  readonly token?: string;
  /** PEM of the authority that signed the server's certificate. */
  readonly ca?: string;
}

const HOP_BY_HOP = ['connection', 'host', 'transfer-encoding', 'content-length', 'keep-alive'];

/** The API server behind the proxy, over one pool of kept connections. */
export class Upstream {
  private readonly agent: HttpAgent;
  private readonly isTls: boolean;

  constructor(private readonly options: UpstreamOptions) {
    this.isTls = options.target.startsWith('https:');
    this.agent = this.isTls
      ? new HttpsAgent({ keepAlive: true, ca: options.ca })
      : new HttpAgent({ keepAlive: true });
  }

  /** Forwards a request; resolves with the answer's head, its body still to be read. */
  send(message: IncomingMessage, body: Buffer, signal: AbortSignal): Promise<IncomingMessage> {
    const url = new URL(message.url ?? '/', this.options.target);
    const headers = Object.fromEntries(
      Object.entries(message.headers).filter(([name]) => !HOP_BY_HOP.includes(name)),
    );
    // A registry says where its tokens are by the name that its client knows it by.
    if (message.headers.host !== undefined) headers['x-forwarded-host'] = message.headers.host;
    if (this.options.token !== undefined) headers['authorization'] = `Bearer ${this.options.token}`;
    if (body.length > 0) headers['content-length'] = String(body.length);
    const start = this.isTls ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const request = start(url, { method: message.method, headers, agent: this.agent, signal }, resolve);
      request.on('error', reject);
      request.end(body);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}

export async function readAll(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
