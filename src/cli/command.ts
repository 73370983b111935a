import type { PrepullStatusOptions } from './prepull-status.js';
import { fromEnv, portOf } from './variables.js';
import type { Env } from './variables.js';

/** What `berth` was asked to do. */
export type Command =
  | { readonly kind: 'serve'; readonly options: ServeOptions }
  | { readonly kind: 'configCheck'; readonly file: string; readonly extra: string | undefined }
  /** The same, asked of a cluster too. */
  | ClusterQuestion
  /** Removals that were stopped may go on. */
  | { readonly kind: 'resumeRemovals'; readonly kubeconfig: string | undefined }
  /** Why tags are in the menu or not, by what the registry says now. */
  | { readonly kind: 'images'; readonly options: ImagesOptions }
  /** Which images are on which nodes, asked of a running Berth. */
  | { readonly kind: 'prepullStatus'; readonly options: PrepullStatusOptions }
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'problem'; readonly message: string };

/** `cluster`: what would labs lose here? `adopt`: what would be taken over? */
interface ClusterQuestion {
  readonly kind: 'clusterCheck' | 'adoptionRehearsal';
  readonly file: string;
  readonly extra: string | undefined;
  readonly kubeconfig: string | undefined;
}

export interface ServeOptions {
  readonly configPath: string;
  /** The second file, which holds only the section `berth`. */
  readonly extraPath: string | undefined;
  /** `undefined` means all addresses that the machine has. */
  readonly host: string | undefined;
  /** 0 asks the system for a free port. */
  readonly port: number;
  /** Path from `KUBECONFIG`; `undefined` means in-cluster credentials or the user's own file. */
  readonly kubeconfig: string | undefined;
}

export interface ImagesOptions {
  /** The tag to explain; all are listed without. */
  readonly tag: string | undefined;
  readonly configPath: string;
  readonly extraPath: string | undefined;
}

interface Setting {
  readonly variable: string;
  readonly fallback: string | undefined;
}

const SETTINGS = {
  '--config': { variable: 'BERTH_CONFIG', fallback: '/etc/nublado/config.yaml' },
  '--berth-config': { variable: 'BERTH_EXTRA_CONFIG', fallback: undefined },
  '--host': { variable: 'BERTH_HOST', fallback: undefined },
  '--port': { variable: 'BERTH_PORT', fallback: '8080' },
  '--url': { variable: 'BERTH_URL', fallback: 'http://127.0.0.1:8080/nublado' },
  '--user': { variable: 'BERTH_USER', fallback: undefined },
} as const satisfies Record<string, Setting>;

type Flag = keyof typeof SETTINGS;

/** Understands the command line; `argv` starts after the script's name. Never throws. */
export function parseCommand(argv: readonly string[], env: Env): Command {
  const read = split(argv);
  if (read.problem !== undefined) return problem(read.problem);
  const [name = 'serve', ...rest] = read.switch === undefined ? read.words : [read.switch];
  if (name === 'config') return configCheck(rest, read, env);
  if (name === 'images') return images(rest, read, env);
  if (name === 'prepull') return prepullStatus(rest, read, env);
  if (name === 'adopt') return adopt(rest, read, env);
  if (!isCommand(name)) {
    return problem(
      `"${name}" is not a command of berth, expected serve, config check, adopt, images, prepull status, resume-removals, help or version`,
    );
  }
  if (rest.length > 0) return unexpected(rest[0]);
  return simple(name, read, env);
}

/** A command that takes flags alone. */
function simple(name: (typeof COMMANDS)[number], { flags, markers }: Split, env: Env): Command {
  const [marker] = markers;
  if (marker !== undefined) return problem(`${marker} means nothing to ${name}, expected no such flag`);
  switch (name) {
    case 'serve':
      return serve(flags, env);
    case 'resume-removals':
      return resumeRemovals(flags, env);
    default:
      return { kind: name };
  }
}

const COMMANDS = ['serve', 'resume-removals', 'help', 'version'] as const;
const isCommand = (name: string): name is (typeof COMMANDS)[number] => COMMANDS.some((one) => one === name);

interface Split {
  readonly words: readonly string[];
  readonly flags: ReadonlyMap<Flag, string>;
  /** Flags that are there or not. */
  readonly markers: ReadonlySet<string>;
  /** `help` or `version`, asked for by a flag. */
  readonly switch: string | undefined;
  readonly problem: string | undefined;
}

const SWITCHES: Readonly<Record<string, string>> = {
  '-h': 'help',
  '--help': 'help',
  '-V': 'version',
  '--version': 'version',
};

/** Flags without a value. */
const MARKERS: ReadonlySet<string> = new Set(['--cluster', '--dry-run']);

function split(argv: readonly string[]): Split {
  const words: string[] = [];
  const flags = new Map<Flag, string>();
  const asked = argv.map((word) => SWITCHES[word]).find((name) => name !== undefined);
  const markers = new Set(argv.filter((word) => MARKERS.has(word)));
  const read = (problem?: string): Split => ({ words, flags, markers, switch: asked, problem });
  const waiting = argv.filter((word) => SWITCHES[word] === undefined && !MARKERS.has(word));
  for (let word = waiting.shift(); word !== undefined; word = waiting.shift()) {
    if (!word.startsWith('-')) {
      words.push(word);
      continue;
    }
    const [name = '', ...after] = word.split('=');
    if (!isFlag(name)) {
      return read(
        `${name} is not a flag of berth, expected one of ${[...Object.keys(SETTINGS), ...MARKERS].join(', ')}, --help`,
      );
    }
    const value = after.length > 0 ? after.join('=') : waiting.shift();
    if (!value) return read(`${name} has no value, expected one after it`);
    flags.set(name, value);
  }
  return read();
}

function isFlag(name: string): name is Flag {
  return Object.hasOwn(SETTINGS, name);
}

function chooser(flags: ReadonlyMap<Flag, string>, env: Env): (flag: Flag) => string | undefined {
  return (flag) => {
    const setting: Setting = SETTINGS[flag];
    return flags.get(flag) ?? fromEnv(env, setting.variable) ?? setting.fallback;
  };
}

function serve(flags: ReadonlyMap<Flag, string>, env: Env): Command {
  const other = [...flags.keys()].find((flag) => flag === '--url' || flag === '--user');
  if (other !== undefined)
    return problem(`${other} means nothing to serve, expected it after prepull status`);
  const chosen = chooser(flags, env);
  const port = portOf(chosen('--port') ?? '');
  if (port === undefined) {
    const source = flags.has('--port') ? '--port' : 'BERTH_PORT';
    return problem(`${source} is not a port, expected a number from 0 to 65535`);
  }
  const options = {
    configPath: chosen('--config') ?? '',
    extraPath: chosen('--berth-config'),
    host: chosen('--host'),
    port,
    kubeconfig: fromEnv(env, 'KUBECONFIG'),
  };
  return { kind: 'serve', options };
}

function resumeRemovals(flags: ReadonlyMap<Flag, string>, env: Env): Command {
  const [flag] = flags.keys();
  if (flag !== undefined) return problem(`${flag} means nothing to resume-removals, expected no flag`);
  return { kind: 'resumeRemovals', kubeconfig: fromEnv(env, 'KUBECONFIG') };
}

function configCheck(words: readonly string[], { flags, markers }: Split, env: Env): Command {
  const [verb, file, ...rest] = words;
  if (verb !== 'check') return problem('"config" alone does nothing, expected berth config check FILE');
  if (file === undefined) return problem('"config check" has no file, expected berth config check FILE');
  if (rest.length > 0) return unexpected(rest[0]);
  const other = [...flags.keys(), ...markers].find((flag) => !['--berth-config', '--cluster'].includes(flag));
  if (other !== undefined)
    return problem(
      `${other} means nothing to config check, expected at most --berth-config FILE and --cluster`,
    );
  const extra = flags.get('--berth-config');
  if (!markers.has('--cluster')) return { kind: 'configCheck', file, extra };
  return { kind: 'clusterCheck', file, extra, kubeconfig: fromEnv(env, 'KUBECONFIG') };
}

function adopt(words: readonly string[], { flags, markers }: Split, env: Env): Command {
  if (words.length > 0) return unexpected(words[0]);
  if (!markers.has('--dry-run') || markers.has('--cluster'))
    return problem('"adopt" only shows what would be adopted, expected berth adopt --dry-run');
  const other = [...flags.keys()].find((flag) => !['--config', '--berth-config'].includes(flag));
  if (other !== undefined)
    return problem(`${other} means nothing to adopt, expected at most --config and --berth-config`);
  const chosen = chooser(flags, env);
  const files = { file: chosen('--config') ?? '', extra: chosen('--berth-config') };
  return { kind: 'adoptionRehearsal', ...files, kubeconfig: fromEnv(env, 'KUBECONFIG') };
}

function images(words: readonly string[], { flags, markers }: Split, env: Env): Command {
  const [verb, tag, ...rest] = words;
  if (verb !== 'list' && verb !== 'explain') {
    return problem('"images" alone does nothing, expected berth images list or berth images explain TAG');
  }
  if (verb === 'explain' && tag === undefined)
    return problem('"images explain" has no tag, expected one after it');
  const [surplus] = verb === 'list' ? [tag] : rest;
  if (surplus !== undefined) return unexpected(surplus);
  const other = [...flags.keys(), ...markers].find((flag) => !['--config', '--berth-config'].includes(flag));
  if (other !== undefined)
    return problem(
      `${other} means nothing to images, expected at most --config FILE and --berth-config FILE`,
    );
  const chosen = chooser(flags, env);
  const files = { configPath: chosen('--config') ?? '', extraPath: chosen('--berth-config') };
  return { kind: 'images', options: { tag, ...files } };
}

function prepullStatus([verb, ...rest]: readonly string[], { flags, markers }: Split, env: Env): Command {
  if (verb !== 'status') return problem('"prepull" alone does nothing, expected berth prepull status');
  if (rest.length > 0) return unexpected(rest[0]);
  const other = [...flags.keys(), ...markers].find((flag) => flag !== '--url' && flag !== '--user');
  if (other !== undefined)
    return problem(`${other} means nothing to prepull status, expected at most --url URL and --user NAME`);
  const chosen = chooser(flags, env);
  const options = { url: chosen('--url') ?? '', user: chosen('--user'), token: fromEnv(env, 'BERTH_TOKEN') };
  return { kind: 'prepullStatus', options };
}

function unexpected(word: string | undefined): Command {
  return problem(`"${word ?? ''}" is one word too many, expected what berth help shows`);
}

function problem(message: string): Command {
  return { kind: 'problem', message };
}
