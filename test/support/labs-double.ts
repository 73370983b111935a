import { Global, Module } from '@nestjs/common';
import { bytes, instant, milliCpu } from '../../src/common/units.js';
import { HomeNotice, LabDryRun, LabRecordsService, LabsService, UnknownUser } from '../../src/labs/index.js';
import type {
  CauseGroup,
  CreateLab,
  DryRunView,
  LabHistoryView,
  LabStatusView,
  ProgressItem,
  ProgressStream,
  StatusAsker,
} from '../../src/labs/index.js';

/** A story that a spec tells line by line, to readers that follow it. */
export class Story implements ProgressStream {
  private readonly told: ProgressItem[] = [];
  private ended = false;
  private wake: () => void = () => undefined;
  closed = false;
  /** How many entries readers took. */
  taken = 0;

  tell(
    number: number,
    message: string,
    more: Partial<ProgressItem['entry']> & { readonly hint?: boolean } = {},
  ): void {
    const { hint, ...entry } = more;
    const facts = {
      number,
      at: instant(0),
      event: 'info',
      reason: 'told',
      severity: 'info',
      message,
    } as const;
    this.told.push({
      ...(hint ? {} : { id: `abcdefghij-${String(number)}` }),
      entry: { ...facts, ...entry },
    });
    this.wake();
  }

  end(): void {
    this.ended = true;
    this.wake();
  }

  async *items(): AsyncIterable<ProgressItem> {
    for (let next = 0; !this.closed;) {
      const item = this.told[next];
      if (item) {
        next += 1;
        this.taken += 1;
        yield item;
      } else if (this.ended) {
        return;
      } else {
        await new Promise<void>((resolve) => (this.wake = resolve));
      }
    }
  }

  close(): void {
    this.closed = true;
    this.wake();
  }
}

/** Stands where the labs room would, and remembers what it was asked. */
export class LabsDouble {
  readonly created: CreateLab[] = [];
  readonly removed: string[] = [];
  readonly resumed: (string | undefined)[] = [];
  readonly asked: [string, StatusAsker][] = [];
  readonly labs = new Map<string, LabStatusView>();
  readonly stories = new Map<string, Story>();
  readonly rehearsed: CreateLab[] = [];
  readonly erased: string[] = [];
  groups: readonly CauseGroup[] = [];
  /** What the real room finds out of the homes at start. */
  readonly home = new HomeNotice();
  /** Thrown by the next call of any verb. */
  fail: Error | undefined;
  removal: Promise<void> = Promise.resolve();
  /** Of the latest create: whether its caller still waits. */
  isAwaited: () => boolean = () => true;
  creation: Promise<void> = Promise.resolve();

  async create(request: CreateLab, isAwaited: () => boolean): Promise<{ operationId: string }> {
    this.throwIfTold();
    this.created.push(request);
    this.isAwaited = isAwaited;
    await this.creation;
    return { operationId: 'abcdefghij' };
  }

  async status(username: string, asker: StatusAsker): Promise<LabStatusView> {
    this.throwIfTold();
    this.asked.push([username, asker]);
    const lab = this.labs.get(username);
    if (!lab) throw new UnknownUser(username, { inPath: asker.inPath ?? true });
    return Promise.resolve(lab);
  }

  async list(): Promise<readonly string[]> {
    this.throwIfTold();
    return Promise.resolve([...this.labs.keys()]);
  }

  async remove(username: string): Promise<void> {
    this.throwIfTold();
    if (!this.labs.has(username)) throw new UnknownUser(username);
    this.removed.push(username);
    await this.removal;
  }

  async progress(
    username: string,
    after: string | undefined,
    asker: StatusAsker = {},
  ): Promise<ProgressStream> {
    this.throwIfTold();
    this.resumed.push(after);
    this.asked.push([username, asker]);
    const story = this.stories.get(username);
    if (!story) throw new UnknownUser(username);
    return Promise.resolve(story);
  }

  async run(request: CreateLab): Promise<DryRunView> {
    this.throwIfTold();
    this.rehearsed.push(request);
    return Promise.resolve({ wish: undefined, quota: undefined, nodes: [], objects: [], refusals: [] });
  }

  async history(username: string, asker: StatusAsker): Promise<LabHistoryView> {
    this.throwIfTold();
    this.asked.push([username, asker]);
    if (!this.labs.has(username)) throw new UnknownUser(username, { inPath: asker.inPath ?? true });
    return Promise.resolve({ username, current: null, lives: [] });
  }

  async erase(username: string): Promise<void> {
    this.throwIfTold();
    if (!this.labs.has(username)) throw new UnknownUser(username);
    this.erased.push(username);
    return Promise.resolve();
  }

  causes(): readonly CauseGroup[] {
    this.throwIfTold();
    return this.groups;
  }

  private throwIfTold(): void {
    const { fail } = this;
    this.fail = undefined;
    if (fail) throw fail;
  }
}

/** A module that gives `double` to whoever injects one of the room's services. */
export function labsModule(double: LabsDouble): object {
  const tokens = [LabDryRun, LabRecordsService, LabsService];
  const providers = [
    ...tokens.map((provide) => ({ provide, useValue: double })),
    { provide: HomeNotice, useValue: double.home },
  ];
  @Global()
  @Module({ providers, exports: [...tokens, HomeNotice] })
  class LabsDoubleModule {}
  return LabsDoubleModule;
}

export const aLabStatus = (username = 'rachel'): LabStatusView => ({
  owner: { username, name: 'Rachel', uid: 1101, gid: 1101, groups: [{ name: username, id: 1101 }] },
  image: 'registry.example.org/lab:w_2026_46@sha256:00',
  size: 'small',
  options: { enableDebug: false, resetUserEnv: true },
  phase: 'running',
  internalUrl: `http://lab.userlabs-${username}:8888/nb/user/${username}/`,
  resources: {
    limits: { cpu: milliCpu(1000), memory: bytes(3221225472) },
    requests: { cpu: milliCpu(250), memory: bytes(805306368) },
  },
  quota: null,
});
