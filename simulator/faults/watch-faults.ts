import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

import type { Action } from './rule.js';

const EXPIRED = {
  type: 'ERROR',
  object: {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'too old resource version: 1 (2)',
    reason: 'Expired',
    code: 410,
  },
};

type Stop = Extract<Action, { do: 'freeze' | 'cut' | 'expire' | 'finish' }>;
const isStop = (action: Action): action is Stop => ['freeze', 'cut', 'expire', 'finish'].includes(action.do);

/** Passes a watch on line by line, with the faults of its rules. */
export class WatchFaults {
  private count = 0;
  private held: Buffer | undefined;

  constructor(
    private readonly actions: readonly Action[],
    private readonly response: ServerResponse,
    private readonly gone: AbortSignal,
  ) {}

  /** Reads until the stream, or a fault, ends it. */
  async pass(stream: AsyncIterable<Buffer>): Promise<void> {
    if (this.actions.some((action) => action.do === 'rewrite'))
      await this.write(...this.rewritten(undefined));
    if (await this.stopsAt(0, undefined)) return;
    for await (const line of this.late(linesOf(stream))) {
      this.count++;
      await this.tell(line);
      if (await this.stopsAt(this.count, line)) return;
    }
    if (this.held) this.response.write(this.held);
    this.response.end();
  }

  private late(lines: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
    const late = this.actions.find((action) => action.do === 'lag');
    return late ? late.lag.behind(lines) : lines;
  }

  private async tell(line: Buffer): Promise<void> {
    const slow = this.actions.find((action) => action.do === 'slow');
    if (slow) await delay(slow.ms, undefined, { signal: this.gone });
    if (this.hits('drop')) return;
    if (this.hits('reorder')) {
      this.held = line;
      return;
    }
    const said = this.rewritten(line);
    await this.write(...said);
    if (this.hits('duplicate')) await this.write(...said);
    if (this.held) await this.write(this.held);
    this.held = undefined;
  }

  private rewritten(line: Buffer | undefined): readonly Buffer[] {
    const rewrite = this.actions.find((action) => action.do === 'rewrite');
    return rewrite ? rewrite.line(line) : line ? [line] : [];
  }

  private async write(...lines: readonly Buffer[]): Promise<void> {
    const drip = this.actions.find((action) => action.do === 'drip');
    for (const line of lines) {
      if (!drip) this.response.write(line);
      else await this.drip(line, drip.bytes, drip.ms);
    }
  }

  private async drip(line: Buffer, bytes: number, ms: number): Promise<void> {
    for (let start = 0; start < line.length; start += bytes) {
      this.response.write(line.subarray(start, start + bytes));
      await delay(ms, undefined, { signal: this.gone });
    }
  }

  private hits(kind: 'drop' | 'duplicate' | 'reorder'): boolean {
    return this.actions.some((action) => action.do === kind && action.events.includes(this.count));
  }

  /** Whether the stream ends, or falls silent for good, after this many events. */
  private async stopsAt(count: number, line: Buffer | undefined): Promise<boolean> {
    for (const action of this.actions) {
      if (!isStop(action) || (action.after ?? 0) !== count) continue;
      await this.stop(action, line);
      return true;
    }
    return false;
  }

  private async stop(action: Stop, line: Buffer | undefined): Promise<void> {
    if (action.do === 'expire') {
      this.response.end(`${JSON.stringify(EXPIRED)}\n`);
      return;
    }
    if (action.do === 'freeze') {
      await untilAborted(this.gone);
      return;
    }
    if (action.do === 'finish') {
      this.response.end();
      return;
    }
    if (action.torn) await this.writeHalf(line);
    if (action.how === 'end') this.response.socket?.end();
    else this.response.socket?.resetAndDestroy();
  }

  /** Half a line, told for sure before the stream breaks. */
  private async writeHalf(line: Buffer | undefined): Promise<void> {
    const half = line ? line.subarray(0, line.length >> 1) : Buffer.from('{"type":"ADDED","obj');
    await new Promise<void>((resolve) => this.response.write(half, () => resolve()));
  }
}

export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

async function* linesOf(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0);
  for await (const chunk of stream) {
    rest = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      yield rest.subarray(0, end + 1);
      rest = rest.subarray(end + 1);
    }
  }
  if (rest.length > 0) yield rest;
}
