import { startFaultProxy } from '../../simulator/faults/index.js';
import type { FaultProxy } from '../../simulator/faults/index.js';
import type { FaultAction, SeenRequest } from './call-faults.js';
import { inTime } from './work.js';

/** One cluster on which a flow happens once, however many processes it takes. */
export interface Stage<Process> {
  /** The API server's address. */
  readonly target: string;
  /** What lets a process in there, and into which namespace; default that of the embedded cluster. */
  readonly entry?: Entry;
  /** A new process, with nothing carried over from the one before. */
  start(kubeconfig: object): Promise<Process>;
  /** Resolves when a process knows the cluster. */
  ready(process: Process): Promise<void>;
  /** What the client does until the flow is over. Called again with the next process after a crash, and goes on. */
  drive(process: Process): Promise<void>;
  /** Checks what the client saw. Throws if anything was lost, doubled or changed. */
  check(process: Process): Promise<void>;
  /** All that must not depend on how often the process died; may be a promise of it. */
  picture(): unknown;
  end(process: Process): Promise<void>;
  close(): Promise<void>;
}

interface Entry {
  readonly ca: string;
  readonly token: string;
  readonly namespace: string;
}

export interface Scenario<Process> {
  readonly name: string;
  /** A cluster of its own, brought to where the flow begins. */
  readonly prepare: () => Promise<Stage<Process>>;
  /** Counts the requests of the process's start too; default those from the client's first word. */
  readonly fromStart?: boolean;
  /** Every how many-th point is tried; default each. */
  readonly every?: number;
  /** How many points are tried at a time; default six. */
  readonly atOnce?: number;
  /** How long all of it may take; default what any spec of its suite may. */
  readonly limitMs?: number;
}

/** Before the API server hears of a request; after it acted, without an answer; after the answer was delivered. */
export const PLACES = ['before', 'after', 'answered'] as const;

export interface Point {
  readonly request: number;
  readonly at: (typeof PLACES)[number];
}

export interface Counts {
  readonly requests: readonly string[];
  readonly watches: number;
  readonly leases: number;
}

/** One cluster, one flow, and whatever happens to its process. */
export class Run<Process> {
  private stage!: Stage<Process>;
  /** The dead, who take their time to be gone from this process. */
  readonly leftovers: Promise<unknown>[] = [];
  private readonly closers: (() => Promise<void>)[] = [];

  constructor(private readonly scenario: Scenario<Process>) {}

  async undisturbed(): Promise<{ readonly counts: Counts; readonly picture: unknown }> {
    return this.staged(async () => {
      const proxy = await this.proxy();
      const process = await this.stage.start(this.kubeconfig(proxy));
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
    const proxy = await this.proxy();
    let counting = this.scenario.fromStart ?? false;
    let count = 0;
    const where = (seen: SeenRequest): boolean => counting && isCounted(seen) && ++count === request;
    const gate = proxy.gate({ where }, at);
    const process = await this.stage.start(this.kubeconfig(proxy));
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

  /** The same end although one request met a fault. Whether the request came. */
  async enduring(request: number, action: FaultAction, expected: unknown): Promise<boolean> {
    return this.staged(async () => {
      const proxy = await this.proxy();
      this.closers.push(() => proxy.close());
      let counting = this.scenario.fromStart ?? false;
      let count = 0;
      const where = (seen: SeenRequest): boolean => counting && isCounted(seen) && ++count === request;
      proxy.add({ match: { where }, action });
      const process = await this.stage.start(this.kubeconfig(proxy));
      if (!counting) await this.stage.ready(process);
      counting = true;
      await this.driven(process);
      await this.stage.check(process);
      await comesTo(() => this.stage.picture(), expected);
      await this.stage.end(process);
      return count >= request;
    });
  }

  /** The same end although faults that `spoil` sets lie in wait all the while. Whether one of them happened. */
  async spoilt(spoil: (proxy: FaultProxy) => void, expected: unknown): Promise<boolean> {
    return this.staged(async () => {
      const proxy = await this.proxy();
      this.closers.push(() => proxy.close());
      spoil(proxy);
      const process = await this.stage.start(this.kubeconfig(proxy));
      await this.stage.drive(process);
      await this.stage.check(process);
      await comesTo(() => this.stage.picture(), expected);
      await this.stage.end(process);
      return proxy.requests.some(({ fault }) => fault !== undefined);
    });
  }

  /** A client that was told of a fault does what it would do after a crash: goes on. */
  private async driven(process: Process): Promise<void> {
    for (let left = CLIENT_TRIES; ; left -= 1) {
      try {
        await this.stage.drive(process);
        return;
      } catch (error) {
        if (left === 0) throw error;
      }
    }
  }

  private proxy(): Promise<FaultProxy> {
    const { target, entry } = this.stage;
    return startFaultProxy({ target, ...(entry && { ca: entry.ca, token: entry.token }) });
  }

  private kubeconfig(proxy: FaultProxy): object {
    return proxy.kubeconfig(this.stage.entry?.namespace ?? 'berth');
  }

  private async directly(): Promise<object> {
    const proxy = await this.proxy();
    this.closers.push(() => proxy.close());
    return this.kubeconfig(proxy);
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

/** A client that is told of an error asks again so often. */
const CLIENT_TRIES = 3;

const isLease = ({ resource }: SeenRequest): boolean => resource === 'leases';
const isCounted = (seen: SeenRequest): boolean => seen.verb !== 'watch' && !isLease(seen);

function nameOf({ verb, resource, subresource, path }: SeenRequest): string {
  if (resource === '') return `${verb} ${path}`;
  return `${verb} ${resource}${subresource === '' ? '' : `/${subresource}`}`;
}

/** The picture once it stands still. */
async function settled(picture: () => unknown): Promise<unknown> {
  let last = '';
  for (let same = 0; same < 10; same += 1) {
    const now = JSON.stringify(await picture());
    if (now !== last) same = 0;
    last = now;
    await pause(25);
  }
  return picture();
}

async function comesTo(picture: () => unknown, expected: unknown): Promise<void> {
  const wanted = JSON.stringify(expected);
  const end = performance.now() + PATIENCE_MS;
  for (let now = await picture(); JSON.stringify(now) !== wanted; now = await picture()) {
    if (performance.now() > end) throw new Error(`another end: ${firstDifference(expected, now, '')}`);
    await pause(5);
  }
}

/** Far beyond what coming to rest takes. */
const PATIENCE_MS = 30_000;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

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
