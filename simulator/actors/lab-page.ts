import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { ContainerScript } from './kubelet/script.js';

/** The compiler copies no .mjs, so the page is found from the project's root, compiled or not; only that has a lock file. */
function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package-lock.json'))) folder = dirname(folder);
  return folder;
}

/** A script whose container `notebook` is really running: a small web page that shows whose lab it is. */
export function labPageScript(script: ContainerScript = {}): ContainerScript {
  const simulator = join(packageRoot(), 'simulator');
  const lifeline = pathToFileURL(join(simulator, 'lifeline.mjs')).href;
  const page = join(simulator, 'actors', 'lab-page.mjs');
  return { ...script, process: { command: process.execPath, args: ['--import', lifeline, page] } };
}
