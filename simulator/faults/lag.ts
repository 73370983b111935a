import { PassThrough } from 'node:stream';

/** Lets watches tell what they have to tell later than they could, and knows what they hold back. */
export class Lag {
  private readonly held = new Set<Buffer>();

  constructor(readonly ms: number) {}

  /** Whether an event whose line contains this text is known here and not told yet. */
  holds(text: string): boolean {
    return Array.from(this.held).some((line) => line.includes(text));
  }

  /** The same lines, each so much after it came; the end comes as late, a broken stream breaks at once. */
  behind(lines: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
    const later = new PassThrough({ objectMode: true });
    void this.read(lines, later).catch((error: unknown) => later.destroy(error as Error));
    return later as AsyncIterable<Buffer>;
  }

  private async read(lines: AsyncIterable<Buffer>, later: PassThrough): Promise<void> {
    for await (const line of lines) {
      this.held.add(line);
      setTimeout(() => {
        this.held.delete(line);
        if (!later.destroyed) later.write(line);
      }, this.ms);
    }
    setTimeout(() => later.end(), this.ms);
  }
}
