import { ControllerError } from '../common/errors.js';

export type ConfigPath = readonly (string | number)[];

/** Something wrong at one place of a configuration file. */
export interface ConfigRemark {
  /** The file, or `environment`. */
  readonly file: string;
  /** Counted from 1; the environment has none. */
  readonly line: number | undefined;
  /** Keys as the file spells them, joined by dots; empty when the whole file is meant. */
  readonly path: string;
  /** What is wrong and what is expected, without a line break. */
  readonly message: string;
}

/** The configuration cannot be used. Carries every problem that could be found at once, one line each. */
export class ConfigError extends ControllerError {
  readonly code = 'config_invalid';

  constructor(readonly problems: readonly ConfigRemark[]) {
    super(problems.map(printRemark).join('\n'));
  }
}

/** `FILE:LINE: path.to.key: what is wrong, what is expected`, always a single line. */
export function printRemark(remark: ConfigRemark): string {
  const path = remark.path === '' ? '' : `${remark.path}: `;
  const line = remark.line === undefined ? '' : `:${remark.line}`;
  return oneLine(`${remark.file}${line}: ${path}${remark.message}`);
}

export function printPath(path: ConfigPath): string {
  return path.map((key) => (/^[\w-]+$/.test(String(key)) ? String(key) : quote(String(key)))).join('.');
}

const LONGEST_QUOTE = 60;

/** A value as it may stand in a sentence: quoted, cut, without line breaks. Never for values that may be secret. */
export function quote(value: string | number): string {
  const text = String(value);
  const cut = text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text;
  return JSON.stringify(cut);
}

/** Control characters and every kind of line break become spaces. */
function oneLine(sentence: string): string {
  return sentence.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
}
