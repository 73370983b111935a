import type { Bytes, MilliCpu } from '../../common/units.js';

/*
 * How values read in objects that labs, people and a Nublado controller read too (contract, appendix A).
 */

const BINARY_UNITS = ['Byte', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

/** CPU as a decimal with at least one place: `1.0`, `0.25`. */
export function cpuText(cpu: MilliCpu): string {
  const cores = cpu / 1000;
  return Number.isInteger(cores) ? `${cores}.0` : String(cores);
}

/** Memory in the largest binary unit that leaves at least one, at six significant digits: `3Gi`, `117.738Mi`, `100Byte`. */
export function memoryLabel(memory: Bytes): string {
  let amount: number = memory;
  let step = 0;
  while (amount >= 1024 && step < BINARY_UNITS.length - 1) {
    amount /= 1024;
    step += 1;
  }
  return `${Number(amount.toPrecision(6))}${BINARY_UNITS[step] ?? ''}`;
}

/** Every run of letters with one capital at its start; `_` becomes a blank: `r2d2_x` → `R2D2 X`. */
export function titleCase(text: string): string {
  return text
    .replaceAll('_', ' ')
    .replace(/\p{L}+/gu, (word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase());
}

/** One word of a POSIX shell command line, whatever is in it. */
export function shellQuote(word: string): string {
  if (word !== '' && /^[\w@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", `'"'"'`)}'`;
}

/** JSON on one line with `", "` and `": "`, non-ASCII escaped. */
export function spacedJson(value: unknown): string {
  return escaped(printed(value));
}

/** JSON with sorted keys and an indent of two, non-ASCII escaped, no newline at the end. */
export function sortedJson(value: unknown): string {
  return escaped(JSON.stringify(sorted(value), null, 2));
}

/** A value with the keys of all its objects in order, `undefined` left out. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, entry]) => [key, sorted(entry)]));
}

function printed(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(printed).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, entry]) => `${JSON.stringify(key)}: ${printed(entry)}`);
  return `{${entries.join(', ')}}`;
}

const escaped = (json: string): string =>
  json.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
