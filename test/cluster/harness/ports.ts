import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/** Below the range from which systems take the ports of outgoing connections: nobody gets ours by accident. */
const LOWEST = 20_000;
const HIGHEST = 32_000;

/** That many different ports of loopback that nobody listened on a moment ago. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = new Map<number, Server>();
  while (servers.size < count) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    const server = servers.has(port) ? undefined : await listenOn(port);
    if (server) servers.set(port, server);
  }
  // Kept open until all are found, so that two never are the same.
  await Promise.all([...servers.values()].map(closed));
  return [...servers.keys()];
}

async function listenOn(port: number): Promise<Server | undefined> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
    return server;
  } catch {
    return undefined;
  }
}

async function closed(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}
