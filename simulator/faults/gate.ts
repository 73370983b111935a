import type { SeenRequest } from './seen-request.js';

/** Holds a request at one place until somebody lets it go: the moment in which a test kills a process. */
export class Gate {
  private open: () => void = () => undefined;
  private tell: (request: SeenRequest) => void = () => undefined;
  private readonly opened = new Promise<void>((resolve) => (this.open = resolve));
  /** Resolves with the first request that arrives. */
  readonly reached = new Promise<SeenRequest>((resolve) => (this.tell = resolve));
  /** Requests that have arrived, whether or not they still wait. */
  arrivals = 0;

  /** Lets everything through, now and later. */
  release(): void {
    this.open();
  }

  /** What the proxy awaits; ends early when the client is gone. */
  async pass(request: SeenRequest, gone: AbortSignal): Promise<void> {
    this.arrivals++;
    this.tell(request);
    const left = new Promise<void>((resolve) =>
      gone.addEventListener('abort', () => resolve(), { once: true }),
    );
    if (!gone.aborted) await Promise.race([this.opened, left]);
  }
}
