import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { findProgram } from './tools.js';

/** Builds the program once for all specs. */
export default function setup(project: TestProject): void {
  const folder = join(process.cwd(), '.cache', 'utility');
  if (findProgram('go') === undefined) {
    project.provide('utilityProgram', { folder, missing: 'Go 1.26 or newer' });
    return;
  }
  execFileSync(join(process.cwd(), 'utility', 'build.sh'), ['--program-only'], { stdio: 'inherit' });
  project.provide('utilityProgram', { folder });
}
