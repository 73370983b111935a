import { asNubladoMakesIt } from '../test/support/nublado-made.js';
import { pooled } from '../test/support/work.js';
import { BareClient } from './api.js';
import { timed, type Figure } from './figures.js';
import { CROWD, type BenchLabs } from './labs.js';
import { benchUser, benchUsers, type BenchPlatform } from './platform.js';
import { settle, type Scale } from './scale.js';
import { templatesOf, type Template } from './templates.js';
import { writesOf } from './writes.js';

const LABS = '/apis/berth.dev/v1alpha1/namespaces/berth/labs';
/** Status reads that a Hub has under way. */
const READERS = 8;

/** Labs that Nublado's controller left running: a process that starts adopts each, while a Hub asks for all of them. */
export async function adoptedLabs(
  platform: BenchPlatform,
  labs: BenchLabs,
  { adopted }: Scale,
): Promise<Figure[]> {
  const model = benchUser(0);
  await labs.spawn(model);
  await platform.settled();
  const client = new BareClient(platform.addresses.api);
  const { objects } = await templatesOf(client, model);
  const users = benchUsers(100, adopted);
  const hub = new PollingHub(labs, users);
  await platform.restart(async () => {
    await pooled(users, (user) => leave(client, objects.map(unmarked), { model, user }), CROWD);
    hub.start();
  });
  const rest = await timed(async () => {
    while ((await recorded(client)) <= adopted) await settle(200);
  });
  await settle(3_000);
  const counts = await platform.counts();
  const events = counts['berth create events'] ?? 0;
  const writes = writesOf('berth', counts) - events;
  await hub.end();
  await client.close();
  const what = `${String(adopted)} labs of Nublado's`;
  return [
    { name: `${what}: all adopted after the process was ready`, value: rest, unit: 'ms' },
    { name: 'writes of each', value: writes / adopted, unit: '', budget: 'at most 3' },
    { name: 'Kubernetes Events of each', value: events / adopted, unit: '', budget: 'at most 4' },
    { name: 'status reads of the Hub meanwhile', value: hub.answers.get(200) ?? 0, unit: '' },
    { name: 'of them 404', value: hub.answers.get(404) ?? 0, unit: '', budget: 'none' },
    { name: 'memory after it', value: await platform.controller.memoryMiB(), unit: 'MiB' },
  ];
}

/** Makes what the lab of `model` is made of for `user`. */
async function leave(
  client: BareClient,
  objects: readonly Template[],
  { model, user }: { readonly model: string; readonly user: string },
): Promise<void> {
  for (const { path, text } of objects) {
    const body = text.replaceAll(model, user);
    const { status } = await client.call(`/${path.replaceAll(model, user)}`, { method: 'POST', body });
    // The cluster makes the service account too; whoever is first wins.
    if (status !== 201 && status !== 409) throw new Error(`${path} answered ${String(status)}`);
  }
}

function unmarked({ path, text }: Template): Template {
  return { path, text: JSON.stringify(asNubladoMakesIt(JSON.parse(text) as object)) };
}

/** Records of running labs. */
async function recorded(client: BareClient): Promise<number> {
  const { body } = await client.call(LABS);
  const { items } = body as { readonly items: readonly { readonly status?: { readonly phase?: string } }[] };
  return items.filter(({ status }) => status?.phase === 'running').length;
}

/** Asks for one lab after the other, over and over. */
class PollingHub {
  readonly answers = new Map<number, number>();
  private readers: readonly Promise<void>[] = [];
  private next = 0;
  private ended = false;

  constructor(
    private readonly labs: BenchLabs,
    private readonly users: readonly string[],
  ) {}

  start(): void {
    this.readers = Array.from({ length: READERS }, () => this.read());
  }

  async end(): Promise<void> {
    this.ended = true;
    await Promise.all(this.readers);
  }

  private async read(): Promise<void> {
    while (!this.ended) {
      this.next += 1;
      // 0: nobody listens yet.
      const status = await this.labs.status(this.users[this.next % this.users.length] ?? '').catch(() => 0);
      this.answers.set(status, (this.answers.get(status) ?? 0) + 1);
      if (status !== 200) await settle(20);
    }
  }
}
