/** So many at a time, first come, first served. */
export class Places {
  private waiting: { readonly begin: () => void; readonly refuse: (error: Error) => void }[] = [];
  private left: number;

  constructor(count: number) {
    this.left = count;
  }

  /** Resolves or rejects as `work` does, which begins as soon as there is a place for it. */
  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.left > 0) this.left -= 1;
    else await new Promise<void>((begin, refuse) => this.waiting.push({ begin, refuse }));
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next.begin();
      else this.left += 1;
    }
  }

  /** Whoever waits now, waits in vain. */
  refuse(error: Error): void {
    const { waiting } = this;
    this.waiting = [];
    for (const { refuse } of waiting) refuse(error);
  }
}
