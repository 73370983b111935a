import { closeSync, openSync, readSync } from 'node:fs';
import { ConfigError } from './problems.js';

/** What a ConfigMap can hold; larger files are something else. */
const LARGEST_BYTES = 1024 * 1024;

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'is a directory',
  EACCES: 'may not be read by this user',
  ENOTDIR: 'lies below something that is no directory',
  ELOOP: 'is a symbolic link that leads nowhere',
  ENAMETOOLONG: 'has a name that is too long',
};

/**
 * Reads a configuration file as text.
 * @throws ConfigError with a single problem when it cannot be read, is too large or is no UTF-8 text
 */
export function readConfigText(file: string): string {
  const content = readBounded(file);
  if (content.length > LARGEST_BYTES)
    throw unusable(file, 1, 'is larger than 1 MiB, expected a file that fits a ConfigMap');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    throw unusable(file, 1, 'is not UTF-8 text, expected a YAML file');
  }
  const control = CONTROL.exec(text);
  if (!control) return text;
  throw unusable(file, lineAt(text, control.index), 'holds a control character, expected a YAML file');
}

/** Not allowed in YAML: every control character but tab, line ends and U+0085. */
const CONTROL = /(?![\t\n\r\u0085])\p{Cc}/u;

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

function unusable(file: string, line: number, message: string): ConfigError {
  return new ConfigError([{ file, line, path: '', message }]);
}

function readBounded(file: string): Buffer {
  let handle: number | undefined;
  try {
    handle = openSync(file, 'r');
    return readUpTo(handle, LARGEST_BYTES + 1);
  } catch (error) {
    throw unusable(file, 1, `cannot be read: ${reasonOf(error)}, expected a YAML file`);
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

function readUpTo(handle: number, most: number): Buffer {
  const buffer = Buffer.alloc(most);
  let filled = 0;
  while (filled < most) {
    const count = readSync(handle, buffer, filled, most - filled, null);
    if (count === 0) break;
    filled += count;
  }
  return buffer.subarray(0, filled);
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return REASONS[code] ?? (code === '' ? 'the name is not valid' : `the system says ${code}`);
}
