import { expect, it } from 'vitest';

import { startFaultProxy } from '../../simulator/faults/index.js';
import type { FaultProxy } from '../../simulator/faults/index.js';
import { until } from './until.js';

type SeenRequest = FaultProxy['requests'][number];

/** One cluster on which a flow happens once, however many processes it takes. */
export interface Stage<Process> {
  /** The API server's address. */
  readonly target: string;
  /** A new process, with nothing carried over from the one before. */
  start(kubeconfig: object): Promise<Process>;
  /** Resolves when a process knows the cluster. */
  ready(process: Process): Promise<void>;
  /** What the client does until the flow is over. Called again with the next process after a crash, and goes on. */
  drive(process: Process): Promise<void>;
  /** Checks what the client saw. Throws if anything was lost, doubled or changed. */
  check(process: Process): Promise<void>;
  /** All that must not depend on how often the process died. */
  picture(): unknown;
  end(process: Process): Promise<void>;
  close(): Promise<void>;
}

export interface Scenario<Process> {
  readonly name: string;
  /** A cluster of its own, brought to where the flow begins. */
  readonly prepare: () => Promise<Stage<Process>>;
  /** Counts the requests of the process's start too; default those from the client's first word. */
  readonly fromStart?: boolean;
  /** Every how many-th point is tried; default each. */
  readonly every?: number;
}

/** Before the API server hears of a request; after it acted, without an answer; after the answer was delivered. */
const PLACES = ['before', 'after', 'answered'] as const;

interface Point {
  readonly request: number;
  readonly at: (typeof PLACES)[number];
}

interface Counts {
  readonly requests: readonly string[];
  readonly watches: number;
  readonly leases: number;
}

const AT_ONCE = 6;
const LIMIT_MS = 120_000;

/** A spec: the flow comes to the same end when the process dies before, at and after each of its requests. */
export function itConverges<Process>(scenario: Scenario<Process>): void {
  const { name, every = 1 } = scenario;
  it(`${name}: comes to the same end after a crash at every call`, async () => {
    const undisturbed = await new Run(scenario).undisturbed();
    const points = undisturbed.counts.requests
      .flatMap((_, index) => PLACES.map((at): Point => ({ request: index + 1, at })))
      .filter((_, index) => index % every === 0);
    const failures: string[] = [];
    const dead: Promise<unknown>[][] = [];
    let reached = 0;
    await pooled(points, async (point) => {
      const where = `${point.at} request ${point.request} (${undisturbed.counts.requests[point.request - 1] ?? ''})`;
      try {
        const run = new Run(scenario);
        dead.push(run.leftovers);
        if (await run.crashing(point, undisturbed.picture)) reached += 1;
      } catch (error) {
        failures.push(`${where}: ${error instanceof Error ? error.message : String(error)}`);
      }
    });
    await Promise.all(dead.flat());
    console.log(summary(scenario, undisturbed.counts, { tried: points.length, reached }));
    expect(failures).toEqual([]);
    if (every === 1) expect(points).toHaveLength(3 * undisturbed.counts.requests.length);
    // A run may need one request less than the undisturbed one; its last points then come after the end.
    if (every === 1) expect(reached / points.length).toBeGreaterThan(0.7);
  });
}

function summary(
  { name, every = 1 }: Scenario<unknown>,
  { requests, watches, leases }: Counts,
  { tried, reached }: { readonly tried: number; readonly reached: number },
): string {
  const share = every === 1 ? `= 3 x ${requests.length} requests` : `of 3 x ${requests.length}`;
  const aside = `not counted: ${watches} watches, ${leases} lease requests`;
  return `${name}: ${tried} crash points ${share} (${tried - reached} came after the end; ${aside})`;
}

class Run<Process> {
  private stage!: Stage<Process>;
  /** The dead, who take their time to be gone from this process. */
  readonly leftovers: Promise<unknown>[] = [];
  private readonly closers: (() => Promise<void>)[] = [];

  constructor(private readonly scenario: Scenario<Process>) {}

  async undisturbed(): Promise<{ readonly counts: Counts; readonly picture: unknown }> {
    return this.staged(async () => {
      const proxy = await startFaultProxy({ target: this.stage.target });
      const process = await this.stage.start(proxy.kubeconfig('berth'));
      if (!this.scenario.fromStart) await this.stage.ready(process);
      const first = this.scenario.fromStart ? 0 : proxy.requests.length;
      await this.stage.drive(process);
      await this.stage.check(process);
      const picture = await settled(() => this.stage.picture());
      const requests = proxy.requests.slice(first);
      await this.stage.end(process);
      await proxy.close();
      const counted = requests.filter(isCounted).map(nameOf);
      const watches = requests.filter(({ verb }) => verb === 'watch').length;
      return { counts: { requests: counted, watches, leases: requests.filter(isLease).length }, picture };
    });
  }

  /** Whether the point was reached. */
  async crashing(point: Point, expected: unknown): Promise<boolean> {
    return this.staged(async () => {
      const reached = await this.mortalLife(point);
      const process = await this.stage.start(await this.directly());
      await this.stage.drive(process);
      await this.stage.check(process);
      await comesTo(() => this.stage.picture(), expected);
      await this.stage.end(process);
      return reached;
    });
  }

  /** Ends when the process is dead. What it still tries finds nobody. */
  private async mortalLife({ request, at }: Point): Promise<boolean> {
    const proxy = await startFaultProxy({ target: this.stage.target });
    let counting = this.scenario.fromStart ?? false;
    let count = 0;
    const where = (seen: SeenRequest): boolean => counting && isCounted(seen) && ++count === request;
    const gate = proxy.gate({ where }, at);
    const process = await this.stage.start(proxy.kubeconfig('berth'));
    if (!counting) await this.stage.ready(process);
    counting = true;
    const over = this.stage.drive(process).then(
      () => new Promise((resolve) => setTimeout(resolve, 300)),
      () => new Promise(() => undefined),
    );
    const died = await inTime(Promise.race([gate.reached.then(() => true), over.then(() => false)]));
    await proxy.close();
    this.leftovers.push(this.stage.end(process).catch(() => undefined));
    return died;
  }

  private async directly(): Promise<object> {
    const proxy = await startFaultProxy({ target: this.stage.target });
    this.closers.push(() => proxy.close());
    return proxy.kubeconfig('berth');
  }

  private async staged<T>(play: () => Promise<T>): Promise<T> {
    this.stage = await this.scenario.prepare();
    try {
      return await inTime(play());
    } finally {
      for (const close of this.closers) await close();
      await this.stage.close();
    }
  }
}

const isLease = ({ resource }: SeenRequest): boolean => resource === 'leases';
const isCounted = (seen: SeenRequest): boolean => seen.verb !== 'watch' && !isLease(seen);

function nameOf({ verb, resource, subresource }: SeenRequest): string {
  return `${verb} ${resource}${subresource === '' ? '' : `/${subresource}`}`;
}

/** Fails if the work hangs. A limit, not a measure: it is far beyond what any of it takes. */
export async function inTime<T>(work: Promise<T>, what = 'it'): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`hangs: ${what} does not end in ${LIMIT_MS} ms`)), LIMIT_MS);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** The picture once it stands still. */
async function settled(picture: () => unknown): Promise<unknown> {
  let last = '';
  for (let same = 0; same < 10; same += 1) {
    const now = JSON.stringify(picture());
    if (now !== last) same = 0;
    last = now;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return picture();
}

async function comesTo(picture: () => unknown, expected: unknown): Promise<void> {
  const wanted = JSON.stringify(expected);
  await until(() => JSON.stringify(picture()) === wanted, 'the same end', 30_000).catch(() => {
    throw new Error(`another end: ${firstDifference(expected, picture(), '')}`);
  });
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

function firstDifference(a: unknown, b: unknown, path: string): string {
  if (!isRecord(a) || !isRecord(b)) return `${path}: ${JSON.stringify(a)} became ${JSON.stringify(b)}`;
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    if (JSON.stringify(a[key]) !== JSON.stringify(b[key]))
      return firstDifference(a[key], b[key], `${path}/${key}`);
  }
  return `${path}: only the order`;
}

/** Runs the work for all items, a few at once. */
export async function pooled<T>(
  items: readonly T[],
  work: (item: T) => Promise<void>,
  atOnce = AT_ONCE,
): Promise<void> {
  const left = items.slice();
  const worker = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
