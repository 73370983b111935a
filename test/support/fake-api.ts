import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

export interface Asked {
  readonly method: string;
  /** Path without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

type Script = (asked: Asked, response: ServerResponse) => void | Promise<void>;

/** A server on a real socket that does what the spec says with each request. */
export class FakeApi {
  readonly asked: Asked[] = [];
  /** Connections accepted since start. */
  connections = 0;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly scheme: 'http' | 'https',
    public script: Script,
  ) {}

  static async start(
    script: Script,
    tls?: { cert: string; key: string; ca?: string; requestCert?: boolean },
  ): Promise<FakeApi> {
    let api: FakeApi | undefined = undefined;
    const listener = (request: IncomingMessage, response: ServerResponse): void => {
      void api?.answer(request, response);
    };
    const server = tls ? createTlsServer(tls, listener) : createServer(listener);
    api = new FakeApi(server, tls ? 'https' : 'http', script);
    const known = api;
    server.on('connection', (socket: Socket) => {
      known.connections += 1;
      known.sockets.add(socket);
      socket.on('close', () => known.sockets.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return api;
  }

  get url(): string {
    return `${this.scheme}://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Sockets open now. */
  get open(): number {
    return this.sockets.size;
  }

  /** Cuts every connection without a word. */
  cut(): void {
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return;
    }
    const url = new URL(request.url ?? '/', 'http://localhost');
    const asked: Asked = {
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body: Buffer.concat(chunks).toString('utf8'),
    };
    this.asked.push(asked);
    await this.script(asked, response);
  }
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

/** A `Status` as the API server words it. */
export function sendStatus(
  response: ServerResponse,
  code: number,
  reason: string,
  details: object = {},
): void {
  sendJson(response, code, {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    code,
    reason,
    message: reason,
    details,
  });
}
