/** One event as it goes over the wire. */
export interface StreamEvent {
  readonly event: string;
  /** Absent on what is never stored: a reader that resumes must not name it. */
  readonly id?: string | undefined;
  /** Printed as one line of JSON. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** CRLF line ends and one `data:` line, as the Hub's plugin is used to (contract 2.7). */
export function printEvent({ event, id, data }: StreamEvent): string {
  const idLine = id === undefined ? '' : `id: ${id}\r\n`;
  return `event: ${event}\r\n${idLine}data: ${printJson(data)}\r\n\r\n`;
}

/**
 * A comment *without* a blank line: once an id was seen, the plugin's parser takes every blank line for an event
 * and would show its user an empty one at each keep-alive.
 */
export const printComment = (text: string): string => `: ${text}\r\n`;

/**
 * JSON in ASCII with a space after commas and colons, as the contract's texts are. ASCII matters: the plugin's client
 * splits lines at U+2028, U+0085 and others as well.
 */
export function printJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(printJson).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return ascii(JSON.stringify(value ?? null));
  const fields = Object.entries(value).map(
    ([name, item]) => `${ascii(JSON.stringify(name))}: ${printJson(item)}`,
  );
  return `{${fields.join(', ')}}`;
}

const ascii = (text: string): string =>
  text.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
