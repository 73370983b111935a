import { checkFiles, printRemark } from '../config/index.js';
import type { CheckedFiles } from '../config/index.js';

/** Where a command prints; each call is one line without its end. */
export interface Io {
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
}

/**
 * Judges a configuration file, with a second file if one is given. Problems go to `out`, one line each, warnings to
 * `err`. The environment is not looked at: the file may be meant for another machine.
 * @returns the exit code: 0 when the file is accepted, else 1
 */
export const runConfigCheck = (file: string, extra: string | undefined, io: Io): number =>
  reportCheck(file, checkFiles(file, extra), io);

/** The same of files that were read already. */
export function reportCheck(file: string, { problems, warnings }: CheckedFiles, io: Io): number {
  for (const warning of warnings) io.err(`warning: ${printRemark(warning)}`);
  for (const problem of problems) io.out(printRemark(problem));
  if (problems.length > 0) return 1;
  io.out(`${file}: accepted${warnings.length > 0 ? `, warnings: ${warnings.length}` : ''}`);
  return 0;
}
