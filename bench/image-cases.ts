import { SystemClock } from '../src/common/clock.js';
import { Log } from '../src/common/logger.js';
import { inTurns } from '../src/common/steps.js';
import { instant, seconds } from '../src/common/units.js';
import { ImageCatalogue } from '../src/images/image-catalogue.js';
import { dropdownInSteps, radioMenu } from '../src/images/image.menu.js';
import { ImageRegistry } from '../src/images/image-registry.js';
import type { Listing } from '../src/images/image-registry.js';
import type { KnownImages } from '../src/images/known-images.js';
import { median, timed, type Figure } from './figures.js';

const TAGS = 10_000;
const ROUNDS = 9;
const DIGEST = `sha256:${'a'.repeat(64)}`;

class Silence extends Log {
  debug(): void {
    // Nobody reads it.
  }
  info(): void {
    // Nobody reads it.
  }
  warn(): void {
    // Nobody reads it.
  }
  error(): void {
    // Nobody reads it.
  }
  child(): Log {
    return this;
  }
}

/** A repository that has been filled for decades: every kind of tag that the grammar knows, and some that it does not. */
function tagNames(): readonly string[] {
  const names: string[] = [];
  for (let round = 0; names.length < TAGS; round += 1) {
    const [year, week] = [2000 + Math.floor(round / 52), 1 + (round % 52)];
    const month = 1 + (round % 12);
    const day = 1 + (round % 28);
    names.push(
      ...[1, 2, 3].map((offset) => `d_${year}_${month}_${Math.min(28, day + offset)}_rsp${round}`),
      `w_${year}_${week}`,
      `w_${year}_${week}_c00${10 + (round % 40)}.00${round % 10}-amd64`,
      `r${year - 1990}_${week}_0_rc${1 + (round % 12)}`,
      `r${year - 1990}_${week}_0`,
      `exp_w_${year}_${week}_nosudo`,
      `tickets-DM-${round}`,
      `sha-${round.toString(16)}_branch`,
    );
  }
  return names.slice(0, TAGS);
}

/** The longest time between two turns of the event loop while `work` runs. */
async function longestStall(work: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let last = performance.now();
  let isOver = false;
  const look = (): void => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (!isOver) setImmediate(look);
  };
  setImmediate(look);
  await work();
  isOver = true;
  look();
  return longest;
}

/** A registry that answers at once. */
class InstantRegistry extends ImageRegistry {
  private readonly names = tagNames();
  list(): Promise<Listing> {
    return Promise.resolve({ names: this.names });
  }
  digestOf(): Promise<string> {
    return Promise.resolve(DIGEST);
  }
  async onApplicationShutdown(): Promise<void> {
    // Nothing is open.
  }
}

const SETTINGS = {
  source: { registry: 'r', repository: 'lab' },
  selection: {
    recommendedTag: 'recommended',
    numReleases: 1,
    numWeeklies: 2,
    numDailies: 3,
    pin: [],
    aliasTags: [],
  },
  refreshInterval: seconds(300),
};

/** From the registry's list to the menus, as a process does it that has just started and has read no tag yet. */
function fresh(registry: ImageRegistry): () => Promise<number> {
  const catalogue = new ImageCatalogue(SETTINGS, registry, new SystemClock(), new Silence());
  let known: KnownImages | undefined;
  catalogue.onRefreshed((told) => (known = told));
  return async () => {
    await catalogue.refresh();
    return known ? offer(known) : 0;
  };
}

/** Everything between the registry's list and the spawn form, for a repository of ten thousand tags. */
export async function imageMenus(): Promise<Figure[]> {
  const registry = new InstantRegistry();
  const [walls, cpus, stalls]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = process.cpuUsage();
    walls.push(await timed(fresh(registry)));
    const { user, system } = process.cpuUsage(before);
    cpus.push((user + system) / 1000);
    stalls.push(await longestStall(fresh(registry)));
  }
  const later = (samples: readonly number[]): number => median(samples.slice(1));
  const what = `catalogue and menu of ${TAGS} tags`;
  return [
    { name: `${what}, the process's first`, value: walls[0] ?? NaN, unit: 'ms' },
    { name: `${what}, median`, value: later(walls), unit: 'ms', budget: '50 ms' },
    { name: `${what}, CPU`, value: later(cpus), unit: 'ms' },
    { name: 'longest event-loop stall meanwhile, median', value: later(stalls), unit: 'ms', budget: '10 ms' },
  ];
}

async function offer(known: KnownImages): Promise<number> {
  const radio = radioMenu(known, () => true);
  const dropdown = await inTurns(dropdownInSteps(known, {}, instant(0)), new SystemClock());
  return radio.length + dropdown.length;
}
