/** What `berth` was asked to do. */
export type Command =
  | { readonly kind: 'serve'; readonly options: ServeOptions }
  | { readonly kind: 'configCheck'; readonly file: string; readonly extra: string | undefined }
  /** Removals that were stopped may go on. */
  | { readonly kind: 'resumeRemovals'; readonly kubeconfig: string | undefined }
  /** Why tags are in the menu or not, by what the registry says now. */
  | { readonly kind: 'images'; readonly options: ImagesOptions }
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'problem'; readonly message: string };

export interface ServeOptions {
  readonly configPath: string;
  /** The second file, which holds only the section `berth`. */
  readonly extraPath: string | undefined;
  readonly host: string;
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

type Env = Readonly<Record<string, string | undefined>>;

interface Setting {
  readonly variable: string;
  readonly fallback: string | undefined;
}

const SETTINGS = {
  '--config': { variable: 'BERTH_CONFIG', fallback: '/etc/nublado/config.yaml' },
  '--berth-config': { variable: 'BERTH_EXTRA_CONFIG', fallback: undefined },
  '--host': { variable: 'BERTH_HOST', fallback: '0.0.0.0' },
  '--port': { variable: 'BERTH_PORT', fallback: '8080' },
} as const satisfies Record<string, Setting>;

type Flag = keyof typeof SETTINGS;

export const HELP = `Usage: berth [serve] [flags]          run the controller
       berth config check FILE [flags] judge a configuration file
       berth resume-removals           let unasked removals go on, once you know why they stopped
       berth images list           every tag of the registry: is it in the menu, and if not, why
       berth images explain TAG    the same of one tag, in full
       berth help | berth version

Flags of serve, each with its variable:
  --config FILE        BERTH_CONFIG        configuration (/etc/nublado/config.yaml)
  --berth-config FILE  BERTH_EXTRA_CONFIG  second file with the section berth (none)
  --host ADDRESS       BERTH_HOST          address to listen on (0.0.0.0, all)
  --port PORT          BERTH_PORT          port to listen on (8080)
                       KUBECONFIG          credentials outside a pod
                       BERTH_INSTALL_CRDS  true: apply our CRDs at start

resume-removals finds the cluster as serve does, by KUBECONFIG or a pod's credentials, and the controller by its namespace.
Berth stops removing what nobody asked it to remove when that becomes too much to be believed, or when another controller
is at work on its namespaces: too_many_removals or another_controller_active in its log, in berth_removals_stopped and
in /health/ready.

Flags of images: --config and --berth-config as for serve. The registry is asked as serve would, from where you are.

Flags of config check:
  --berth-config FILE  judge this second file together with FILE
`;

/** Understands the command line; `argv` starts after the script's name. Never throws. */
export function parseCommand(argv: readonly string[], env: Env): Command {
  const read = split(argv);
  if (read.problem !== undefined) return problem(read.problem);
  const [name = 'serve', ...rest] = read.switch === undefined ? read.words : [read.switch];
  if (name === 'config') return configCheck(rest, read.flags);
  if (name === 'images') return images(rest, read.flags, env);
  if (!isCommand(name)) {
    return problem(
      `"${name}" is not a command of berth, expected serve, config check, images, resume-removals, help or version`,
    );
  }
  if (rest.length > 0) return unexpected(rest[0]);
  switch (name) {
    case 'serve':
      return serve(read.flags, env);
    case 'resume-removals':
      return resumeRemovals(read.flags, env);
    default:
      return { kind: name };
  }
}

const COMMANDS = ['serve', 'resume-removals', 'help', 'version'] as const;
const isCommand = (name: string): name is (typeof COMMANDS)[number] => COMMANDS.some((one) => one === name);

interface Split {
  readonly words: readonly string[];
  readonly flags: ReadonlyMap<Flag, string>;
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

function split(argv: readonly string[]): Split {
  const words: string[] = [];
  const flags = new Map<Flag, string>();
  const asked = argv.map((word) => SWITCHES[word]).find((name) => name !== undefined);
  const read = (problem?: string): Split => ({ words, flags, switch: asked, problem });
  const waiting = argv.filter((word) => SWITCHES[word] === undefined);
  for (let word = waiting.shift(); word !== undefined; word = waiting.shift()) {
    if (!word.startsWith('-')) {
      words.push(word);
      continue;
    }
    const [name = '', ...after] = word.split('=');
    if (!isFlag(name)) {
      return read(
        `${name} is not a flag of berth, expected one of ${Object.keys(SETTINGS).join(', ')}, --help`,
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
  const chosen = chooser(flags, env);
  const port = portOf(chosen('--port') ?? '');
  if (port === undefined) {
    const source = flags.has('--port') ? '--port' : 'BERTH_PORT';
    return problem(`${source} is not a port, expected a number from 0 to 65535`);
  }
  const options = {
    configPath: chosen('--config') ?? '',
    extraPath: chosen('--berth-config'),
    host: chosen('--host') ?? '',
    port,
    kubeconfig: fromEnv(env, 'KUBECONFIG'),
  };
  return { kind: 'serve', options };
}

/**
 * An empty variable counts as none. Kubernetes itself sets `BERTH_PORT=tcp://10.0.0.1:80` in every pod of a
 * namespace that has a Service called `berth`; that is no setting of anybody's.
 */
function fromEnv(env: Env, name: string): string | undefined {
  const value = env[name]?.trim();
  return value && !/^(tcp|udp|sctp):\/\//.test(value) ? value : undefined;
}

function portOf(value: string): number | undefined {
  return /^\d{1,5}$/.test(value) && Number(value) <= 65_535 ? Number(value) : undefined;
}

function resumeRemovals(flags: ReadonlyMap<Flag, string>, env: Env): Command {
  const [flag] = flags.keys();
  if (flag !== undefined) return problem(`${flag} means nothing to resume-removals, expected no flag`);
  return { kind: 'resumeRemovals', kubeconfig: fromEnv(env, 'KUBECONFIG') };
}

function configCheck(words: readonly string[], flags: ReadonlyMap<Flag, string>): Command {
  const [verb, file, ...rest] = words;
  if (verb !== 'check') return problem('"config" alone does nothing, expected berth config check FILE');
  if (file === undefined) return problem('"config check" has no file, expected berth config check FILE');
  if (rest.length > 0) return unexpected(rest[0]);
  const other = [...flags.keys()].find((flag) => flag !== '--berth-config');
  if (other !== undefined)
    return problem(`${other} means nothing to config check, expected at most --berth-config FILE`);
  return { kind: 'configCheck', file, extra: flags.get('--berth-config') };
}

function images(words: readonly string[], flags: ReadonlyMap<Flag, string>, env: Env): Command {
  const [verb, tag, ...rest] = words;
  if (verb !== 'list' && verb !== 'explain') {
    return problem('"images" alone does nothing, expected berth images list or berth images explain TAG');
  }
  if (verb === 'explain' && tag === undefined)
    return problem('"images explain" has no tag, expected one after it');
  const [surplus] = verb === 'list' ? [tag] : rest;
  if (surplus !== undefined) return unexpected(surplus);
  const other = [...flags.keys()].find((flag) => flag !== '--config' && flag !== '--berth-config');
  if (other !== undefined)
    return problem(
      `${other} means nothing to images, expected at most --config FILE and --berth-config FILE`,
    );
  const chosen = chooser(flags, env);
  const files = { configPath: chosen('--config') ?? '', extraPath: chosen('--berth-config') };
  return { kind: 'images', options: { tag, ...files } };
}

function unexpected(word: string | undefined): Command {
  return problem(`"${word ?? ''}" is one word too many, expected what berth help shows`);
}

function problem(message: string): Command {
  return { kind: 'problem', message };
}
