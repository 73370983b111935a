import type { ServerResponse } from 'node:http';

import type { WatchSink } from '../handlers/watch.js';

/** A reader this far behind is cut off, as the API server does with slow watches. */
const MAX_BACKLOG_BYTES = 64 * 1024 * 1024;

/** Writes a watch's lines to its response: all lines of one turn of the event loop in one chunk. */
export class ResponseSink implements WatchSink {
  private lines: Buffer[] = [];
  private isScheduled = false;

  constructor(private readonly response: ServerResponse) {}

  open(): void {
    this.response.writeHead(200, {
      'Content-Type': 'application/json',
      'Cache-Control': 'no-cache, private',
    });
    this.response.flushHeaders();
  }

  write(line: Buffer): void {
    this.lines.push(line);
    if (this.isScheduled) return;
    this.isScheduled = true;
    setImmediate(() => this.flush());
  }

  end(): void {
    this.flush();
    this.response.end();
  }

  onClose(callback: () => void): void {
    this.response.on('close', callback);
  }

  private flush(): void {
    this.isScheduled = false;
    const { lines } = this;
    if (lines.length === 0 || this.response.destroyed || this.response.writableEnded) return;
    this.lines = [];
    this.response.write(lines.length === 1 ? (lines[0] ?? Buffer.alloc(0)) : Buffer.concat(lines));
    if (this.response.writableLength > MAX_BACKLOG_BYTES) this.response.destroy();
  }
}
