/** Remembers which states of events were told, for as long as a restart of the watch may repeat them. */
export class RecentEvents {
  private current = new Set<string>();
  private previous = new Set<string>();

  /** True the first time. */
  isNew(uid: string, version: string): boolean {
    const key = `${uid} ${version}`;
    if (this.current.has(key)) return false;
    const isNew = !this.previous.has(key);
    this.current.add(key);
    return isNew;
  }

  /** Call once a turn: what was not repeated for a whole turn is forgotten. */
  turn(): void {
    this.previous = this.current;
    this.current = new Set();
  }
}
