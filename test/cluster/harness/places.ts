import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The nearest folder above this file that is the project's, compiled or not. */
function projectRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package-lock.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`no package-lock.json lies above ${import.meta.url}`);
    folder = parent;
  }
  return folder;
}

const root = projectRoot();
const cache = join(root, '.cache', 'cluster');

/** Everything the real control plane needs on disk. All but the recipe is outside git and may be deleted at any time. */
export const places = {
  root,
  /** `go.mod`, `go.sum` and `tools.go`. */
  recipe: join(root, 'test', 'cluster'),
  /** What the first process of a real node does. */
  nodeInit: join(root, 'test', 'cluster', 'node', 'init.sh'),
  binaries: join(cache, 'bin'),
  /** One folder for each running cluster, one of them for the person's. */
  clusters: join(cache, 'run'),
  /** Where `.ci/run` keeps a kubectl. */
  kubectl: join(root, '.cache', 'kubectl', 'kubectl'),
};
