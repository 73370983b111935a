import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from './folder.js';

const KEY = 'uid-1.c2VjcmV0';

/** A Berth that does nothing but say whose credentials are, as docs/fileserver-contract.md has it. */
export interface VerifyingBerth {
  readonly url: string;
  readonly keyFile: string;
  readonly asked: number;
  revoke(): void;
  close(): Promise<void>;
}

export async function startVerifyingBerth(owner: string, token: string): Promise<VerifyingBerth> {
  let asked = 0;
  let valid = true;
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      asked += 1;
      const { username, password } = JSON.parse(body) as { username: string; password: string };
      const isOurs = request.headers.authorization === `Bearer ${KEY}`;
      const isOwner = valid && username === owner && password === token;
      response.writeHead(isOurs ? (isOwner ? 200 : 403) : 401, { 'content-type': 'application/json' });
      response.end(JSON.stringify(isOwner ? { username, valid_for: 300 } : {}));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(close);
  const keyFile = join(temporaryFolder(), 'key');
  writeFileSync(keyFile, `${KEY}\n`, { mode: 0o444 });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/nublado/fileserver/v1/verify`,
    keyFile,
    get asked() {
      return asked;
    },
    revoke: () => (valid = false),
    close,
  };
}
