import type { Writable } from 'node:stream';

/** What one entry of the progress stream looks like to whoever waits. */
export interface ProgressLine {
  readonly event: string;
  readonly message: string;
  readonly progress: number | undefined;
}

const BAR_WIDTH = 24;
const colours = { info: 36, error: 33, failed: 31, complete: 32 } as const;

/**
 * Writes for a person: a bar and colours on a terminal, plain lines elsewhere.
 * With `masked`, whatever differs from run to run (ports, times, ids, digests) is replaced, so that two runs print the same.
 */
export class Screen {
  private readonly isTerminal: boolean;
  private bar = 0;

  constructor(
    private readonly out: Writable & { isTTY?: boolean },
    private readonly masked: boolean,
  ) {
    this.isTerminal = out.isTTY === true && !masked;
  }

  line(text = ''): void {
    this.out.write(`${this.masked ? mask(text) : text}\n`);
  }

  heading(text: string): void {
    this.line(this.isTerminal ? `\u001b[1m${text}\u001b[0m` : text);
  }

  progress({ event, message, progress }: ProgressLine): void {
    this.bar = event === 'complete' ? 100 : (progress ?? this.bar);
    const filled = Math.round((this.bar / 100) * BAR_WIDTH);
    const bar = `[${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}] ${String(this.bar).padStart(3)} %`;
    this.line(`  ${this.coloured(event, bar)}  ${event.padEnd(8)} ${message}`);
  }

  private coloured(event: string, text: string): string {
    const code = colours[event as keyof typeof colours] as number | undefined;
    return this.isTerminal && code !== undefined ? `\u001b[${String(code)}m${text}\u001b[0m` : text;
  }
}

const masks: readonly (readonly [RegExp, string])[] = [
  [/(127\.0\.0\.1|localhost):\d+/g, '$1:PORT'],
  [/sha256:[0-9a-f]{64}/g, 'sha256:...'],
  // A pull may take 998ms or 1.01s: the unit differs from run to run, too.
  [/\b\d+(\.\d+)?(ms|s)\b/g, 'N s'],
  [/\b\d+(\.\d+)? seconds\b/g, 'N seconds'],
  [/Image size: \d+ bytes/g, 'Image size: N bytes'],
  [/node-\d+/g, 'node-N'],
];

/** Replaces whatever differs from one run to the next. */
export function mask(text: string): string {
  return masks.reduce((masked, [pattern, replacement]) => masked.replace(pattern, replacement), text);
}
