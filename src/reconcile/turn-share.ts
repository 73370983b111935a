/**
 * What one turn of the event loop may take of something that never waits for anything by itself. Whoever finds nothing
 * left is called back in the next turn.
 */
export class TurnShare {
  private taken = 0;

  constructor(
    private readonly most: number,
    private readonly onNextTurn: () => void,
  ) {}

  get isLeft(): boolean {
    return this.taken < this.most;
  }

  take(): void {
    if (this.taken === 0) setImmediate(() => this.turn());
    this.taken += 1;
  }

  private turn(): void {
    const wasLeft = this.isLeft;
    this.taken = 0;
    if (!wasLeft) this.onNextTurn();
  }
}
