import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface StubAnswer {
  readonly status?: number;
  readonly body?: unknown;
}

export interface StubServer {
  readonly url: string;
  /** `METHOD path` of every request, in order. */
  readonly seen: string[];
  close(): Promise<void>;
}

/** A peer on a real socket that answers JSON as `answer` says; a promise holds the answer back. */
export async function startStub(
  answer: (request: IncomingMessage) => StubAnswer | Promise<StubAnswer>,
): Promise<StubServer> {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method ?? ''} ${request.url ?? ''}`);
    void Promise.resolve(answer(request)).then(({ status = 200, body = {} }) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    seen,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
