import { CALL_FAULTS, CALL_FAULT_NAMES } from '../support/call-faults.js';
import { aCreate } from '../support/labs-runtime.js';
import type { Runtime } from '../support/labs-runtime.js';
import type { SoakModel } from './model.js';
import type { SoakWorld } from './world.js';

export interface Scene {
  readonly world: SoakWorld;
  readonly model: SoakModel;
  readonly random: () => number;
  /** Users whom nobody has asked anything for in this round. */
  readonly free: string[];
  /** Something in this round refuses requests for good: spawns may fail. */
  refuses: boolean;
}

/** Something that happens; it takes its random choices at once, so that a seed always gives the same sequence. */
type Action = (scene: Scene) => Promise<void>;

const USER_ACTIONS: readonly (readonly [number, string, Action])[] = [
  [10, 'spawn', (scene) => spawn(scene, 'lab')],
  [2, 'spawn of a missing image', (scene) => spawn(scene, 'missing')],
  [5, 'stop', stop],
  [
    2,
    'pod deleted',
    (scene) => strike(scene, (user) => `/api/v1/namespaces/userlabs-${user}/pods/${user}-nb`),
  ],
  [1, 'namespace deleted', (scene) => strike(scene, (user) => `/api/v1/namespaces/userlabs-${user}`)],
  [
    1,
    'Lab deleted',
    (scene) => strike(scene, (user) => `/apis/berth.dev/v1alpha1/namespaces/berth/labs/${user}`),
  ],
  [2, 'Service deleted', (scene) => loseService(scene)],
  [2, 'out of memory', outOfMemory],
];

const CLUSTER_ACTIONS: readonly (readonly [number, string, Action])[] = [
  [3, 'crash', ({ world, random }) => world.crash(Math.floor(random() * 2))],
  [6, 'call fault', callFault],
  [4, 'watch fault', watchFault],
  [2, 'node silent', nodeLoss],
  [1, 'relist', relist],
];

const ACTIONS = [...USER_ACTIONS, ...CLUSTER_ACTIONS];

export interface Deed {
  readonly name: string;
  readonly done: Promise<void>;
  /** Something that goes wrong, rather than something that is asked for. */
  readonly isMishap: boolean;
}

/** Draws what happens next, and begins it. */
export function nextAction(scene: Scene): Deed {
  const total = ACTIONS.reduce((sum, [weight]) => sum + weight, 0);
  let at = scene.random() * total;
  for (const one of ACTIONS) {
    const [weight, name, action] = one;
    at -= weight;
    if (at < 0) return { name, done: action(scene), isMishap: CLUSTER_ACTIONS.includes(one) };
  }
  throw new Error('no action was drawn');
}

const pick = <T>(random: () => number, items: readonly T[]): T => {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
};

/** A user whom nothing else concerns in this round, so that it is clear what must become of the lab. */
function takeUser({ random, free }: Scene): string | undefined {
  return free.splice(Math.floor(random() * free.length), 1)[0];
}

async function spawn(scene: Scene, image: string): Promise<void> {
  const { world, model, random } = scene;
  const runtime = pick(random, world.runtimes);
  const reader = pick(random, world.runtimes);
  const user = takeUser(scene);
  if (user === undefined) return;
  model.uncertain(user);
  model.told.delete(user);
  if (!(await accepted(runtime, user, image))) return;
  model.count('accepted');
  model.expected.set(user, image === 'missing' ? 'failed' : 'running');
  await listen(model, reader, user);
}

/** As the Hub asks: what is in the way goes first. */
async function accepted({ labs }: Runtime, user: string, image: string): Promise<boolean> {
  try {
    await labs.create(aCreate(user, image)).catch(async (error: unknown) => {
      if ((error as { status?: number }).status !== 409) throw error;
      await labs.remove(user);
      await labs.create(aCreate(user, image));
    });
    return true;
  } catch {
    return false;
  }
}

/** Hears what there is to hear; a reader whose replica dies hears no more. */
async function listen(model: SoakModel, { labs }: Runtime, user: string): Promise<void> {
  const items: Parameters<typeof model.told.set>[1] = [];
  model.told.set(user, items);
  try {
    const stream = await labs.progress(user, undefined);
    for await (const item of stream.items()) if (item.id !== undefined) items.push(item);
  } catch {
    model.count('streams cut');
  }
}

async function stop(scene: Scene): Promise<void> {
  const { world, model, random } = scene;
  const runtime = pick(random, world.runtimes);
  const user = takeUser(scene);
  if (user === undefined) return;
  model.uncertain(user);
  model.told.delete(user);
  const gone = await runtime.labs.remove(user).then(
    () => true,
    (error: unknown) => (error as { status?: number }).status === 404,
  );
  if (gone) model.expected.set(user, 'stopped');
}

async function strike(scene: Scene, path: (user: string) => string): Promise<void> {
  const user = takeUser(scene);
  if (user === undefined) return;
  scene.model.uncertain(user);
  await fetch(scene.world.cluster.api.url + path(user), { method: 'DELETE' });
}

/** Nothing is to change by it. */
async function loseService(scene: Scene): Promise<void> {
  const user = takeUser(scene);
  if (user === undefined) return;
  const path = `/api/v1/namespaces/userlabs-${user}/services/lab`;
  await fetch(scene.world.cluster.api.url + path, { method: 'DELETE' });
}

function outOfMemory(scene: Scene): Promise<void> {
  const user = takeUser(scene);
  if (user === undefined) return Promise.resolve();
  try {
    scene.world.cluster.kubelets.oomKill({ namespace: `userlabs-${user}`, name: `${user}-nb` });
    scene.model.uncertain(user);
  } catch {
    // It has no pod that runs.
  }
  return Promise.resolve();
}

const REFUSALS = ['410', '422', 'too large'];

function callFault(scene: Scene): Promise<void> {
  const { world, random } = scene;
  const fault = pick(random, CALL_FAULT_NAMES);
  const proxy = pick(random, world.proxies);
  const times = 1 + Math.floor(random() * 5);
  const verb = pick(random, ['create', 'patch', 'delete', 'get', 'list']);
  if (REFUSALS.includes(fault)) scene.refuses = true;
  proxy.add({ match: { verb, times }, action: CALL_FAULTS[fault] });
  return Promise.resolve();
}

const WATCH_FAULTS = [
  { do: 'cut', after: 1, how: 'reset', torn: true },
  { do: 'finish', after: 1 },
  { do: 'expire', after: 1 },
  { do: 'freeze', after: 1 },
  { do: 'duplicate', events: [1, 2, 3] },
  { do: 'slow', ms: 100 },
  { do: 'drip', bytes: 256, ms: 1 },
] as const;

/** Meets the watches that are opened from now on: those that are open end first. */
function watchFault({ world, random }: Scene): Promise<void> {
  const action = pick(random, WATCH_FAULTS);
  const proxy = pick(random, world.proxies);
  proxy.add({ match: { verb: 'watch', times: 2 }, action });
  return Promise.resolve();
}

async function nodeLoss({ world, random }: Scene): Promise<void> {
  const kubelet = pick(random, Array.from(world.cluster.kubelets.kubelets.values()));
  await kubelet.markNotReady();
}

/** All versions are forgotten: whoever asks for what came since is told 410. */
function relist({ world }: Scene): Promise<void> {
  world.cluster.api.store.compact();
  return Promise.resolve();
}
