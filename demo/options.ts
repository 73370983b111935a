/** What the command line asked for. */
export interface DemoOptions {
  readonly once: boolean;
  readonly transcript: boolean;
  /** On a real control plane, which needs Go once. */
  readonly real: boolean;
  readonly port: number;
}

export const DEFAULT_PORT = 8080;
export const USAGE = 'Usage: npm run demo -- [--once] [--real] [--transcript] [--port PORT]';

const FLAGS: ReadonlySet<string> = new Set(['--once', '--transcript', '--real']);

/** Reads the command line; a problem is one sentence. */
export function parseOptions(args: readonly string[]): DemoOptions | { readonly problem: string } {
  let port = DEFAULT_PORT;
  const flags = new Set<string>();
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? '';
    if (arg === '--port') {
      port = Number(args[(index += 1)]);
      if (!Number.isInteger(port) || port < 1 || port > 65_535) {
        return { problem: `--port needs a number from 1 to 65535. ${USAGE}` };
      }
    } else if (FLAGS.has(arg)) flags.add(arg);
    else return { problem: `Unknown option ${arg}. ${USAGE}` };
  }
  return {
    once: flags.has('--once'),
    transcript: flags.has('--transcript'),
    real: flags.has('--real'),
    port,
  };
}
