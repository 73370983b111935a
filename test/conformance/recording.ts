import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a real server answered to the cases of one group. */
export interface Recording {
  /** The version of the server that was asked. */
  readonly server: string;
  readonly cases: Readonly<Record<string, unknown>>;
}

const FOLDER = join(import.meta.dirname, 'recorded');
const fileOf = (group: string): string => join(FOLDER, `${group}.json`);

/** The recording of a group; empty where there is none yet, so that every case of it differs. */
export function readRecording(group: string): Recording {
  const file = fileOf(group);
  if (!existsSync(file)) return { server: 'none', cases: {} };
  return JSON.parse(readFileSync(file, 'utf8')) as Recording;
}

export function writeRecording(group: string, recording: Recording): void {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(fileOf(group), `${JSON.stringify(recording, null, 1)}\n`);
}
