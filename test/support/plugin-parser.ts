/** What the Hub shows its user of one event, or how the spawn ends with it. */
export type Shown =
  | { readonly kind: 'message'; readonly text: string; readonly progress: number }
  | { readonly kind: 'complete' }
  | { readonly kind: 'failed'; readonly text: string };

interface Dispatched {
  readonly event: string;
  readonly data: string;
}

/**
 * Reads a stream by the rules that the JupyterHub plugin's client follows, as they were tried one by one. Its two
 * oddities are what matters here: once an id was seen, every blank line is an event; and lines end wherever Python's
 * `splitlines` says so.
 */
export function readAsPlugin(text: string): readonly Shown[] {
  const shown: Shown[] = [];
  let progress = 1;
  for (const event of dispatched(text)) {
    if (event.event === 'ping') continue;
    if (event.event === 'complete') return [...shown, { kind: 'complete' }];
    const read = readData(event.data, progress);
    progress = read.progress === 0 ? progress : read.progress;
    if (event.event === 'failed') return [...shown, { kind: 'failed', text: read.text }];
    const level = ['info', 'error'].includes(event.event) ? event.event : 'unknown';
    shown.push({ kind: 'message', text: `[${level}] ${read.text}`, progress: read.progress });
  }
  return shown;
}

/** Where Python's `splitlines` ends a line. */
const LINE_ENDS = new RegExp(String.raw`\r\n|[\n\r\u000b\u000c\u001c-\u001e\u0085\u2028\u2029]`);

interface Block {
  event: string;
  data: string[];
}

function dispatched(text: string): readonly Dispatched[] {
  const events: Dispatched[] = [];
  let block: Block = { event: '', data: [] };
  let id = '';
  // What follows the last line end is an unfinished line, and lost.
  for (const line of text.split(LINE_ENDS).slice(0, -1)) {
    const isEvent = block.event !== '' || block.data.length > 0 || id !== '';
    if (line === '') {
      if (isEvent) events.push({ event: block.event, data: block.data.join('\n') });
      block = { event: '', data: [] };
    } else if (!line.startsWith(':')) {
      id = readField(line, block) ?? id;
    }
  }
  return events;
}

/** Puts a field where it belongs; the value if it was an id, which outlives its block. */
function readField(line: string, block: Block): string | undefined {
  const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?$/.exec(line) ?? [];
  if (field === 'event') block.event = value;
  if (field === 'data') block.data.push(value);
  return field === 'id' ? value : undefined;
}

/** Data with any key besides the two, or that is no object, is shown raw. An object without a message breaks the spawn. */
function readData(data: string, last: number): { readonly text: string; readonly progress: number } {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    return { text: data, progress: last };
  }
  if (typeof value !== 'object' || value === null) return { text: data, progress: last };
  const { message, progress = last, ...extra } = value as { message?: string; progress?: number };
  if (Object.keys(extra).length > 0) return { text: data, progress: last };
  if (message === undefined) throw new TypeError('the plugin fails on an event without a message');
  return { text: message, progress };
}
