/** So many at a time, first come, first served. */
export class Places {
  private readonly waiting: (() => void)[] = [];
  private left: number;

  constructor(count: number) {
    this.left = count;
  }

  /** Resolves or rejects as `work` does, which begins as soon as there is a place for it. */
  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.left > 0) this.left -= 1;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.left += 1;
    }
  }
}
