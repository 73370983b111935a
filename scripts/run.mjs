// Starts one of the project's tools from its compiled form, building first where sources are newer.
// Plain JavaScript on purpose: it must run, and explain itself, on any Node.
import { spawnSync } from 'node:child_process';
import { copyFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const [tool, ...args] = process.argv.slice(2);
const floor = [20, 19];

function isOldNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  return major < floor[0] || (major === floor[0] && minor < floor[1]);
}

function newest(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return 0;
  if (!stat.isDirectory())
    return /\.(ts|json|mjs)$/.test(path) && !path.endsWith('.spec.ts') ? stat.mtimeMs : 0;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}

function runs(script, ...args) {
  return spawnSync(process.execPath, [join(root, script), ...args], { stdio: 'inherit' }).status === 0;
}

function buildIfStale({ project, sources, also = [], stamp, then = () => true }) {
  const built = statSync(join(root, stamp), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const inputs = [...sources, ...also, 'tsconfig.json', project];
  const changed = Math.max(...inputs.map((path) => newest(join(root, path))));
  if (built > changed) return true;
  console.log(`Building ${sources.join(', ')} (needed once after each change) ...`);
  return runs('node_modules/typescript/bin/tsc', '-p', join(root, project)) && then();
}

if (isOldNode()) {
  console.error(`Berth needs Node ${floor.join('.')} or newer; this is Node ${process.versions.node}.`);
  process.exit(1);
}
if (!statSync(join(root, 'node_modules', 'typescript'), { throwIfNoEntry: false })) {
  console.error('The dependencies are not installed: run `npm ci` first.');
  process.exit(1);
}
if (tool === 'demo') console.log('Berth: starting the demo.');
const built =
  // The real control plane knows nothing of Berth.
  (tool === 'cluster' ||
    buildIfStale({
      project: 'tsconfig.build.json',
      sources: ['src'],
      also: ['scripts/bundle.mjs', 'package-lock.json'],
      stamp: 'dist/main.js',
      then: () => runs('scripts/bundle.mjs'),
    })) &&
  buildIfStale({
    project: 'tsconfig.tools.json',
    sources: ['simulator', 'demo', 'bench', 'test/cluster/harness', 'test/soak', 'test/support'],
    stamp: '.build/.tsbuildinfo',
  });
if (!built) {
  console.error('The build failed; the lines above say where.');
  process.exit(1);
}
if (tool !== 'build') {
  // Sources of ours that tools take along read the version where the project has it.
  copyFileSync(join(root, 'package.json'), join(root, '.build', 'package.json'));
  const folder = { cluster: 'test/cluster/harness', soak: 'test/soak' }[tool] ?? tool;
  process.argv = [process.argv[0], join(root, '.build', folder, 'main.js'), ...args];
  await import(pathToFileURL(process.argv[1]).href);
}
