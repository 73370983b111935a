import type { Clock } from '../common/clock.js';
import { millis, seconds } from '../common/units.js';
import type { Millis } from '../common/units.js';
import { KubernetesError } from './kubernetes.error.js';

/** How long a request for one record is held (design section 2). */
const HELD = seconds(45);
/** What can't be adopted in this time must not keep everybody else waiting. */
const ADOPTION_PATIENCE = seconds(60);
const LOOK_EVERY = millis(100);
const ASK_EVERY = seconds(1);

/** What a room says about its records. */
export interface RecordSource<Item> {
  readonly synced: () => boolean;
  /** What another controller left behind and has no record yet. */
  readonly adoption: { pending(): readonly unknown[]; isPendingFor(name: string): boolean };
  /** One live read. @throws {KubernetesError} */
  readonly confirm: (name: string) => Promise<Item | undefined>;
  /** What a caller is told whose time is over. */
  readonly refusal: (reason: 'not_synced' | 'not_adopted' | 'unconfirmed') => Error;
}

/**
 * Whether anything certain can be said about a room's records. Ready once caches were filled and nothing is left to
 * adopt, and for ever after: an outage of the API server must not make a Hub delete everybody.
 */
export class RecordReadiness<Item> {
  private latched = false;
  private syncedAt: Millis | undefined;

  constructor(
    private readonly source: RecordSource<Item>,
    private readonly clock: Clock,
  ) {}

  get ready(): boolean {
    const { synced, adoption } = this.source;
    if (this.latched || !synced()) return this.latched;
    this.syncedAt ??= this.clock.monotonic();
    const patient = this.clock.monotonic() - this.syncedAt < ADOPTION_PATIENCE;
    this.latched = !patient || adoption.pending().length === 0;
    return this.latched;
  }

  async whenReady(): Promise<void> {
    while (!this.ready) await this.clock.sleep(LOOK_EVERY);
  }

  /** Resolves when this record's state is known here. @throws the room's refusal after 45 s */
  hold(name: string): Promise<void> {
    const { synced, adoption } = this.source;
    return this.held(
      () => synced() && !adoption.isPendingFor(name),
      () => (synced() ? 'not_adopted' : 'not_synced'),
    );
  }

  /** Resolves when it is ready: when all records are known here. @throws the room's refusal after 45 s */
  holdAll(): Promise<void> {
    return this.held(
      () => this.ready,
      () => 'not_synced',
    );
  }

  /**
   * The record as it is now, asked again for up to 45 s while the API server does not answer.
   * @throws the room's refusal after that, and whatever reading a malformed record throws, at once
   */
  async confirmed(name: string): Promise<Item | undefined> {
    const until = this.clock.monotonic() + HELD;
    for (;;) {
      try {
        return await this.source.confirm(name);
      } catch (error) {
        if (!(error instanceof KubernetesError)) throw error;
        if (this.clock.monotonic() >= until) throw this.source.refusal('unconfirmed');
      }
      await this.clock.sleep(ASK_EVERY);
    }
  }

  private async held(isKnown: () => boolean, why: () => 'not_synced' | 'not_adopted'): Promise<void> {
    const until = this.clock.monotonic() + HELD;
    while (!isKnown()) {
      if (this.clock.monotonic() >= until) throw this.source.refusal(why());
      await this.clock.sleep(LOOK_EVERY);
    }
  }
}
