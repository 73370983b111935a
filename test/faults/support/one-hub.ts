import type { ProgressItem } from '../../../src/labs/index.js';
import { UnknownUser } from '../../../src/labs/index.js';
import { aCreate } from '../../support/labs-runtime.js';
import type { Runtime } from '../../support/labs-runtime.js';

/** The Hub of one user, which outlives the processes that it asks. */
export class OneHub {
  private readonly told: ProgressItem[] = [];
  private accepted = false;

  constructor(readonly user: string) {}

  /** As the Hub spawns: what was not answered is asked again; a lab that is in the way goes first. */
  async spawn(runtime: Runtime): Promise<void> {
    if (!this.accepted) await this.create(runtime);
    this.accepted = true;
    await this.listen(runtime);
  }

  private async create(runtime: Runtime): Promise<void> {
    this.told.length = 0;
    try {
      await runtime.labs.create(aCreate(this.user));
    } catch (error) {
      if ((error as { status?: number }).status !== 409) throw error;
      await this.remove(runtime);
      await runtime.labs.create(aCreate(this.user));
    }
  }

  async remove(runtime: Runtime): Promise<void> {
    await runtime.labs.remove(this.user).catch((error: unknown) => {
      if (!(error instanceof UnknownUser)) throw error;
    });
  }

  /** Reads on from the last event that came. */
  private async listen(runtime: Runtime): Promise<void> {
    const stream = await runtime.labs.progress(this.user, this.told.at(-1)?.id);
    for await (const item of stream.items()) if (item.id !== undefined) this.told.push(item);
    const last = this.told.at(-1)?.entry;
    if (last?.event !== 'complete') throw new Error(`the spawn ended with: ${last?.message ?? 'nothing'}`);
  }

  /** The story of the last operation: each event once, and what was told before is still what is told. */
  async check(runtime: Runtime): Promise<void> {
    const status = await runtime.labs.status(this.user, {}).catch(() => undefined);
    if (status === undefined) return;
    const stream = await runtime.labs.progress(this.user, undefined);
    const replay: ProgressItem[] = [];
    for await (const item of stream.items()) if (item.id !== undefined) replay.push(item);
    checkStory(this.told, replay);
  }
}

/** @throws if an event was lost, repeated, or is told differently now. */
export function checkStory(told: readonly ProgressItem[], replay: readonly ProgressItem[]): void {
  const [before, now] = [told, replay].map((items) => items.map((item) => JSON.stringify(item)));
  if (told.length > 0 && JSON.stringify(before) !== JSON.stringify(now))
    throw new Error(`told\n${before?.join('\n') ?? ''}\nbut now\n${now?.join('\n') ?? ''}`);
  const numbers = replay.map(({ id }) => Number(id?.split('-')[1]));
  if (numbers.some((number, index) => number !== index + 1)) throw new Error(`numbers ${numbers.join(' ')}`);
  const messages = replay.map(({ entry }) => `${entry.event} ${entry.message}`);
  if (new Set(messages).size !== messages.length) throw new Error(`told twice: ${messages.join('; ')}`);
}
