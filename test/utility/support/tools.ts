import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, inject } from 'vitest';

/** What a developer without these types to have them; `.ci/run` does the same. */
export const DEBIAN_PACKAGES = 'buildah runc litmus cadaver rclone curl nginx libnginx-mod-http-dav-ext';

export const isRoot = (): boolean => process.getuid?.() === 0;

/** The absolute path of a program, looked for where administrators' programs are too. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin'];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** `root` stands for being it; everything else is the name of a program. */
export type Need = 'root' | (string & {});

/**
 * A suite that needs the built program and these tools besides. Without them it is skipped on a developer's machine, with a
 * line that says what is missing, and fails in CI, so that no proof vanishes unnoticed. Only root may be missing there too.
 */
export function describeWith(needs: readonly Need[], name: string, body: () => void): void {
  const missing = [inject('utilityProgram').missing, ...needs.map(lack)].filter((each) => each !== undefined);
  if (missing.length === 0) {
    describe(name, body);
    return;
  }
  const sentence = `${name}: needs ${missing.join(', ')}. Debian: apt-get install ${DEBIAN_PACKAGES}`;
  if (isCi() && missing.join() !== 'root') throw new Error(sentence);
  console.warn(`skipped: ${sentence}`);
  describe.skip(name, body);
}

const lack = (need: Need): string | undefined =>
  (need === 'root' ? isRoot() : findProgram(need) !== undefined) ? undefined : need;

export function isCi(): boolean {
  return !['', '0', 'false', undefined].includes(process.env.CI);
}

declare module 'vitest' {
  interface ProvidedContext {
    utilityProgram: { readonly folder: string; readonly missing?: string };
  }
}
