import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One folder for all that a run's specs put into the temporary folder, gone with the run. */
export default async function temporaryFolder(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'berth-run-'));
  // Workers, and what they start, inherit it.
  process.env.TMPDIR = folder;
  return () => rm(folder, { recursive: true, force: true });
}
