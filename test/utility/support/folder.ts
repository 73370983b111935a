import { chmodSync, chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';
import { isRoot } from './tools.js';

/** A uid and gid that no account has. */
export const NOBODYS_ID = 54_321;

/** A folder that goes with the test, and that the server's user may write to. */
export function temporaryFolder(owner = NOBODYS_ID): string {
  const folder = mkdtempSync(join(tmpdir(), 'berth-utility-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  chmodSync(folder, 0o755);
  if (isRoot()) chownSync(folder, owner, owner);
  return folder;
}

/** A folder that goes with the suite. */
export function suiteFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'berth-utility-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
