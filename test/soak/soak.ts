import { setTimeout as sleep } from 'node:timers/promises';

import { randomFrom } from '../support/random.js';
import { until } from '../support/until.js';
import { inTime } from '../support/work.js';
import { nextAction } from './actions.js';
import type { Deed, Scene } from './actions.js';
import { unsettled, violations } from './invariants.js';
import { SoakModel } from './model.js';
import { SoakWorld } from './world.js';

const USERS = Array.from({ length: 16 }, (_, index) => `user${String(index).padStart(2, '0')}`);
const ACTIONS_A_ROUND = 14;
const SETTLE_MS = 90_000;
/** A third of the time in which a spawn has to end, on the replicas' quick clock. */
const MISHAPS_LAST_MS = 20_000;

export interface SoakOptions {
  readonly seed: number;
  /** Whether another round is to be played. */
  readonly goesOn: (round: number) => boolean;
  /** Hears of every round that went well. */
  readonly onRound?: (round: number, counts: ReadonlyMap<string, number>) => void;
}

export interface SoakReport {
  readonly rounds: number;
  readonly counts: ReadonlyMap<string, number>;
  /** What was wrong, and with it the soak's end; empty if nothing was. */
  readonly problems: readonly string[];
}

/** Rounds of random deeds and faults; after each of them everything must come to rest and be in order. */
export async function soak({ seed, goesOn, onRound }: SoakOptions): Promise<SoakReport> {
  const world = await SoakWorld.open();
  const model = new SoakModel();
  const random = randomFrom(seed);
  let rounds = 0;
  try {
    while (goesOn(rounds)) {
      rounds += 1;
      const scene: Scene = { world, model, random, free: USERS.slice(), refuses: false };
      const problems = await play(scene).catch((error: unknown) => [String(error)]);
      if (problems.length > 0) return { rounds, counts: model.counts, problems };
      await world.forget();
      onRound?.(rounds, model.counts);
    }
    return { rounds, counts: model.counts, problems: [] };
  } finally {
    await world.close();
  }
}

async function play(scene: Scene): Promise<readonly string[]> {
  const { world, model, random } = scene;
  const deeds: Deed[] = [];
  for (let nth = 0; nth < ACTIONS_A_ROUND; nth += 1) {
    const deed = nextAction(scene);
    model.count(deed.name);
    deeds.push(deed);
    await sleep(Math.floor(random() * 80));
  }
  const settled = (which: readonly Deed[]): Promise<unknown> =>
    Promise.allSettled(which.map(({ done }) => done));
  await inTime(settled(deeds.filter(({ isMishap }) => isMishap)), 'what went wrong');
  await Promise.race([settled(deeds), sleep(MISHAPS_LAST_MS)]);
  // A spawn on a node that nobody hears would rightly fail in the end, and nobody could say whether it should have.
  await world.heal();
  await inTime(settled(deeds), 'what was begun');
  // What nobody touched in this round must be as it was, refusals or not.
  if (scene.refuses) for (const user of USERS) if (!scene.free.includes(user)) model.uncertain(user);
  await until(() => unsettled(world.cluster).length === 0, 'rest', SETTLE_MS).catch(() => undefined);
  const restless = unsettled(world.cluster);
  if (restless.length > 0) return restless.map((what) => `does not come to rest: ${what}`);
  return violations(world.cluster, model, world.runtimes);
}
