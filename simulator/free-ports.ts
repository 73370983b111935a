import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the range from which systems take the ports of outgoing connections: nobody gets ours by accident. */
const LOWEST = 20_000;
const HIGHEST = 32_000;

/**
 * That many ports of loopback that nobody listens on, and that no other caller is given while this process lives: whoever
 * listens on one may end and begin again.
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if ((await isClaimed(port)) && (await isUnheard(port))) ports.push(port);
  }
  return ports;
}

/** Claims the port with the UDP socket of its number, which is in nobody's way and ends with this process however that ends. */
async function isClaimed(port: number): Promise<boolean> {
  const claim = createSocket('udp4').unref();
  claim.bind(port, '127.0.0.1');
  if (await happens(once(claim, 'listening'))) return true;
  claim.close();
  return false;
}

async function isUnheard(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  if (!(await happens(once(server, 'listening')))) return false;
  server.close();
  await once(server, 'close');
  return true;
}

const happens = (event: Promise<unknown>): Promise<boolean> =>
  event.then(
    () => true,
    () => false,
  );
