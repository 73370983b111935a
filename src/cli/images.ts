import { SystemClock } from '../common/clock.js';
import { Log } from '../common/logger.js';
import { ConfigError, loadSettings, printRemark } from '../config/index.js';
import type { Settings } from '../config/index.js';
import { inspectImages } from '../images/index.js';
import type { InspectedTag, Inspection } from '../images/index.js';
import type { ImagesOptions } from './command.js';
import type { Io } from './config-check.js';
import { table } from './table.js';

type Env = Readonly<Record<string, string | undefined>>;
type Omission = NonNullable<InspectedTag['omission']>;

/** What keeps a tag out of the drop-down menu, and which key of the configuration would let it in. */
const WHY: Readonly<Record<Omission, string>> = {
  for_one_architecture: 'it ends like an image for one architecture',
  below_cutoff_build: 'its build is below dropdownMenu cutoffBuild',
  before_cutoff_date: 'it is older than dropdownMenu age or cutoffDate allow',
  below_cutoff_version: 'its version is below dropdownMenu cutoffVersion',
  beyond_number: 'there are dropdownMenu number newer ones of its type',
  other_cycle: 'its cycle is not images.cycle',
};

const KEPT: Readonly<Record<InspectedTag['kept'][number], string>> = {
  recommended: 'it is images.recommendedTag',
  pinned: 'it is in images.pin',
  newest: 'it is among the newest of its type',
};

/**
 * Says what becomes of the registry's tags by a configuration.
 *
 * @returns the exit code: 0, or 1 if there is no answer
 */
export async function runImages(options: ImagesOptions, env: Env, io: Io): Promise<number> {
  try {
    const settings = settingsOf(options, env);
    const inspection = await inspectImages(settings, { clock: new SystemClock(), log: new WarningsOnly(io) });
    return report(inspection, options.tag, io);
  } catch (error) {
    const lines = error instanceof ConfigError ? error.problems.map(printRemark) : [messageOf(error)];
    for (const line of lines) io.err(line);
    return 1;
  }
}

/** Who users are is no matter here, and whoever runs this has none of the pod's variables. */
function settingsOf({ configPath, extraPath }: ImagesOptions, env: Env): Settings {
  const identity = { REPERTOIRE_BASE_URL: 'http://127.0.0.1', ...env };
  return loadSettings({ configPath, extraPath, env: identity }).settings;
}

function report({ absent, tags, failure }: Inspection, wanted: string | undefined, io: Io): number {
  if (failure !== undefined) io.err(`warning: the registry does not tell all: ${failure}`);
  if (wanted === undefined) {
    for (const line of tableOf(tags)) io.out(line);
    for (const { key, tag } of absent) {
      io.err(`warning: images.${key} names ${tag}, which the registry does not list`);
    }
    return 0;
  }
  const found = tags.find(({ tag }) => tag.tag === wanted);
  if (!found) {
    io.err(`The registry lists no tag "${wanted}"`);
    return 1;
  }
  for (const line of explain(found)) io.out(line);
  return 0;
}

const tableOf = (tags: readonly InspectedTag[]): readonly string[] =>
  table([
    ['TAG', 'TYPE', 'IN MENU', 'ON NODES'],
    ...tags.map(({ tag, omission, kept }) => [
      tag.tag,
      tag.type,
      omission === undefined ? 'yes' : `no: ${omission}`,
      kept.join(', ') || '-',
    ]),
  ]);

function explain({ tag, digest, aliases, omission, kept, shownAs }: InspectedTag): readonly string[] {
  return [
    `${tag.tag}: ${tag.displayName} (${tag.type})`,
    `digest: ${digest ?? 'asked for when somebody wants it'}`,
    ...(aliases.length > 0 ? [`the same image as: ${aliases.join(', ')}`] : []),
    omission === undefined ? 'drop-down menu: yes' : `drop-down menu: no, because ${WHY[omission]}`,
    kept.length === 0
      ? 'kept on nodes: no, because it is neither recommended, nor pinned, nor among the newest of its type'
      : `kept on nodes: yes, because ${kept.map((reason) => KEPT[reason]).join(' and ')}`,
    ...(kept.length > 0 && tag.architecture === undefined ? [`radio menu: ${radio(kept, shownAs)}`] : []),
  ];
}

function radio(kept: InspectedTag['kept'], shownAs: string | undefined): string {
  if (shownAs !== undefined) return `as ${shownAs}, which is the same image`;
  return kept.includes('recommended') ? 'yes, first' : 'once every node that labs can start on has it';
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** What an operator should know goes to the terminal; the rest is for the controller's log. */
class WarningsOnly extends Log {
  constructor(private readonly io: Io) {
    super();
  }
  debug(): void {
    // Nobody asked.
  }
  info(): void {
    // Nobody asked.
  }
  warn(message: string): void {
    this.io.err(`warning: ${message}`);
  }
  error(message: string): void {
    this.io.err(`error: ${message}`);
  }
  child(): Log {
    return this;
  }
}
