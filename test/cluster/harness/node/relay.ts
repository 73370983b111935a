import { connect, createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { Transform } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

export interface RelayOptions {
  /** A Unix socket that a node connects to. */
  readonly socket: string;
  /** A port of this machine's loopback. */
  readonly port: number;
  /** How fast answers come; default as they are. */
  readonly bytesPerSecond?: number;
}

/** Carries connections out of a node's own network to one port of the machine. */
export class Relay {
  private readonly open = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  static async start({ socket, port, bytesPerSecond }: RelayOptions): Promise<Relay> {
    const server = createServer();
    const relay = new Relay(server);
    server.on('connection', (from) => relay.carry(from, port, bytesPerSecond));
    server.listen(socket);
    await once(server, 'listening');
    return relay;
  }

  async stop(): Promise<void> {
    for (const socket of this.open) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  private carry(from: Socket, port: number, bytesPerSecond?: number): void {
    const to = connect(port, '127.0.0.1');
    for (const [socket, other] of [
      [from, to],
      [to, from],
    ] as const) {
      this.open.add(socket);
      // Either end gone is both gone, however it went.
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.open.delete(socket);
        other.destroy();
      });
    }
    from.pipe(to);
    if (bytesPerSecond === undefined) to.pipe(from);
    else to.pipe(slowed(bytesPerSecond)).pipe(from);
  }
}

function slowed(bytesPerSecond: number): Transform {
  return new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      void sleep((chunk.length / bytesPerSecond) * 1_000).then(() => done(null, chunk));
    },
  });
}
