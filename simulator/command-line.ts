import { parseArgs } from 'node:util';

const usage =
  'usage: npm run simulator -- --port P --kubeconfig FILE [--nodes N] [--time-scale F] [--instant]';

interface Settings {
  port: number;
  kubeconfig: string;
  nodes: number;
  timeScale: number;
  instant: boolean;
}

/** A mistake of the caller, told in one sentence. */
export class Complaint extends Error {}

/** Reads the command line. Throws a Complaint. */
export function settings(argv: string[]): Settings {
  const options = {
    port: { type: 'string', default: '6443' },
    kubeconfig: { type: 'string' },
    nodes: { type: 'string', default: '3' },
    'time-scale': { type: 'string', default: '1' },
    instant: { type: 'boolean', default: false },
  } as const;
  const { values } = parse(() => parseArgs({ args: argv, options }));
  if (values.kubeconfig === undefined || values.kubeconfig === '')
    throw new Complaint(`--kubeconfig names the file to write; ${usage}`);
  return {
    port: whole('port', values.port, 65_535),
    kubeconfig: values.kubeconfig,
    nodes: whole('nodes', values.nodes, 1_000),
    timeScale: factor(values['time-scale']),
    instant: values.instant,
  };
}

function parse<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    const [first = ''] = String(error instanceof Error ? error.message : error).split('. ');
    throw new Complaint(`${first}; ${usage}`);
  }
}

function whole(flag: string, text: string, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= most) return value;
  throw new Complaint(`--${flag} must be a whole number from 0 to ${most}, not "${text}"; ${usage}`);
}

function factor(text: string): number {
  const value = Number(text);
  if (text !== '' && value >= 0 && Number.isFinite(value)) return value;
  throw new Complaint(`--time-scale must be a number of 0 or more, not "${text}"; ${usage}`);
}

/** The code of a system error, else its message. */
export function reason(error: unknown): string {
  return error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.message) : String(error);
}

/** What the person at the terminal reads when the start failed. */
export function sentence(error: unknown): string {
  if (error instanceof Complaint) return error.message;
  const code = reason(error);
  if (code === 'EADDRINUSE')
    return 'The port is in use: choose another one with --port, or 0 for any free one.';
  if (code === 'EACCES') return 'The port may not be used by this user: choose one above 1023 with --port.';
  return `The embedded cluster could not start: ${error instanceof Error ? error.message : String(error)}`;
}
