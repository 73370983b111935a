import { readFile, stat } from 'node:fs/promises';
import type { Clock } from '../common/clock.js';
import type { Log } from '../common/logger.js';

/** How often we look whether the file changed, and how often it is read without a sign of change. */
const LOOK_EVERY = 5000;
const READ_EVERY = 60_000;

/**
 * A file that somebody else replaces now and then: a projected token, a certificate. Read again when its time of
 * change moved (looked at every five seconds), after a minute in any case (time stamps are coarse on some volumes), and
 * at once after `invalidate`. While it cannot be read, the last content stays in use.
 */
export class RotatingFile {
  private content: Buffer | undefined;
  private modified = 0;
  private lookedAt = -Infinity;
  private readAt = -Infinity;

  constructor(
    readonly path: string,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  invalidate(): void {
    this.lookedAt = this.readAt = -Infinity;
  }

  /** Rejects only if the file could never be read. */
  async read(): Promise<Buffer> {
    const now = this.clock.monotonic();
    if (this.content && now - this.lookedAt < LOOK_EVERY) return this.content;
    try {
      this.content = await this.refresh(now);
    } catch (error) {
      if (!this.content) throw error;
      this.log.warn('credential file unreadable, keeping the last content', { path: this.path, error });
    }
    this.lookedAt = now;
    return this.content;
  }

  private async refresh(now: number): Promise<Buffer> {
    const { mtimeMs } = await stat(this.path);
    if (this.content && mtimeMs === this.modified && now - this.readAt < READ_EVERY) return this.content;
    const content = await readFile(this.path);
    this.modified = mtimeMs;
    this.readAt = now;
    return content;
  }
}
