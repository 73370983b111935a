/**
 * Lets writes through no faster than a number a second, in the order in which they came: a server whose storage is the
 * bound, as etcd is, and not its own CPU.
 */
export class WritePace {
  private readonly spacingMs: number;
  private freeAt = 0;

  /** Without a number nobody waits. */
  constructor(
    perSecond: number | undefined,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.spacingMs = perSecond === undefined ? 0 : 1_000 / perSecond;
  }

  /** Resolves when a request with this method may be served; undefined where it may be at once. */
  turn(method: string): Promise<void> | undefined {
    if (this.spacingMs === 0 || method === 'GET') return undefined;
    const now = this.now();
    this.freeAt = Math.max(this.freeAt, now) + this.spacingMs;
    const wait = this.freeAt - this.spacingMs - now;
    return wait < 1 ? undefined : new Promise((resolve) => setTimeout(resolve, wait));
  }
}
