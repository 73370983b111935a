/** A binary heap: the first in order is found at once, and put in or taken out in logarithmic time. */
export class Heap<T> {
  private items: T[] = [];

  constructor(private readonly isBefore: (a: T, b: T) => boolean) {}

  get size(): number {
    return this.items.length;
  }

  peek(): T | undefined {
    return this.items[0];
  }

  push(item: T): void {
    let place = this.items.push(item) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!this.swapIfBefore(place, parent)) return;
      place = parent;
    }
  }

  pop(): T | undefined {
    const first = this.items[0];
    const last = this.items.pop();
    if (last === undefined || this.items.length === 0) return first;
    this.items[0] = last;
    let place = 0;
    for (;;) {
      const [left, right] = [2 * place + 1, 2 * place + 2];
      const child = this.isBeforeAt(right, left) ? right : left;
      if (child >= this.items.length || !this.swapIfBefore(child, place)) return first;
      place = child;
    }
  }

  /** Leaves out whatever is not wanted any more. */
  keep(isWanted: (item: T) => boolean): void {
    const wanted = this.items.filter(isWanted);
    this.items = [];
    for (const item of wanted) this.push(item);
  }

  private isBeforeAt(a: number, b: number): boolean {
    const [x, y] = [this.items[a], this.items[b]];
    return x !== undefined && y !== undefined && this.isBefore(x, y);
  }

  private swapIfBefore(below: number, above: number): boolean {
    const [x, y] = [this.items[below], this.items[above]];
    if (x === undefined || y === undefined || !this.isBefore(x, y)) return false;
    this.items[above] = x;
    this.items[below] = y;
    return true;
  }
}
