import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordedCase } from './case.js';
import type { Sighting } from './timeline.js';

const FOLDER = join(import.meta.dirname, '..', '..', 'fixtures', 'recorded');

/** Who was asked. */
export interface Versions {
  readonly kubernetes: string;
  readonly runtime: string;
}

/** Writes a case's folder anew: `case.json` says what it is, `timeline.json` holds one sighting a line. */
export function writeRecording(
  { name, kind, story, evidence }: RecordedCase,
  versions: Versions,
  sightings: readonly Sighting[],
): void {
  const folder = join(FOLDER, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const madeBy = `npm run record -- -t ${name}`;
  const description = { name, kind, story, evidence, ...versions, madeBy };
  writeFileSync(join(folder, 'case.json'), `${JSON.stringify(description, null, 2)}\n`);
  const lines = sightings.map((each) => JSON.stringify(each));
  writeFileSync(join(folder, 'timeline.json'), `[\n${lines.join(',\n')}\n]\n`);
}
