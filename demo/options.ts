/** What the command line asked for. */
export interface DemoOptions {
  readonly once: boolean;
  readonly transcript: boolean;
  readonly port: number;
}

export const USAGE = 'Usage: npm run demo -- [--once] [--transcript] [--port PORT]';

/** Reads the command line; a problem is one sentence. */
export function parseOptions(args: readonly string[]): DemoOptions | { readonly problem: string } {
  let port = 8080;
  const flags = new Set<string>();
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? '';
    if (arg === '--port') {
      port = Number(args[(index += 1)]);
      if (!Number.isInteger(port) || port < 1 || port > 65_535) {
        return { problem: `--port needs a number from 1 to 65535. ${USAGE}` };
      }
    } else if (arg === '--once' || arg === '--transcript') flags.add(arg);
    else return { problem: `Unknown option ${arg}. ${USAGE}` };
  }
  return { once: flags.has('--once'), transcript: flags.has('--transcript'), port };
}
