import { Clock } from '../common/clock.js';
import { Deadline } from '../common/deadline.js';
import { Log } from '../common/logger.js';
import { inTurns } from '../common/steps.js';
import { seconds } from '../common/units.js';
import type { Millis } from '../common/units.js';
import { ImageRegistry } from './image-registry.js';
import { readTagsInSteps, selectPrepulls } from './image-selection.js';
import type { TaggedDigest } from './image.js';
import { knownFromDigests, knownFromListing } from './known-images.builder.js';
import type { RepositorySettings } from './known-images.builder.js';
import type { KnownImages } from './known-images.js';
import { RegistryError } from './registry.error.js';
import type { RegistryFailure } from './registry.error.js';
import type { Tag } from './tag.js';

export interface CatalogueSettings extends RepositorySettings {
  readonly refreshInterval: Millis;
}

/** How much is known, and how well. */
export interface CatalogueState {
  /** Since the registry last told; undefined if it never did. */
  readonly ageMs: Millis | undefined;
  readonly tags: number;
  /** Why the latest refresh was not complete; undefined if it was. */
  readonly failure: RegistryFailure | undefined;
  /** How long the registry asked to be left alone. */
  readonly retryAfterMs: Millis | undefined;
}

/** A slow registry with many pages is given up in time for the next refresh. */
const REFRESH_TIMEOUT = seconds(120);
/** How long somebody who needs the first catalogue waits for it; less than any client's patience. */
const FIRST_CATALOGUE_TIMEOUT = seconds(15);
/** The same once an attempt has failed: a registry that swallows packets must not hold up every form. */
const ANOTHER_TRY_TIMEOUT = seconds(2);
/** A registry that just failed is not asked again by everybody who waits; nor one that asked for a pause, until it is over. */
const FAILURE_STANDS_FOR = seconds(5);
const PARALLEL_LOOKUPS = 4;
/** What no patience lifts: operators are told at once. */
const FOR_OPERATORS: ReadonlySet<RegistryFailure> = new Set([
  'registry_denied',
  'registry_realm_refused',
  'repository_not_found',
]);
/** Anything else may pass by itself, and is told to operators when it has lasted for so many intervals. */
const PATIENCE_INTERVALS = 3;

/** Refreshes that were not complete, one after the other. */
interface Outage {
  readonly since: Millis;
  readonly error: RegistryError;
  /** Of the latest refresh. */
  readonly at: Millis;
  readonly isTold: boolean;
}

/**
 * What the registry has, as it last told us.
 *
 * Guarantees: one refresh at a time; a refresh that fails leaves the last good catalogue in place; one tag that fails
 * keeps the digest it had, and does not fail the others. Held in memory, by each replica for itself.
 */
export class ImageCatalogue {
  private images: KnownImages | undefined;
  private refreshedAt: Millis | undefined;
  private failure: Outage | undefined;
  private refreshing: Promise<void> | undefined;
  private tell: (known: KnownImages) => void = () => undefined;

  constructor(
    readonly settings: CatalogueSettings,
    private readonly registry: ImageRegistry,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Calls back after each refresh that the registry answered. */
  onRefreshed(listener: (known: KnownImages) => void): void {
    this.tell = listener;
  }

  /** Asks the registry, or joins who is asking. Fails only by a fault of ours; what the registry did, {@link state} tells. */
  refresh(signal?: AbortSignal): Promise<void> {
    this.refreshing ??= this.load(signal).finally(() => (this.refreshing = undefined));
    return this.refreshing;
  }

  /** The last good catalogue, however old. Waits for the first one, for at most 15 s, or 2 s after a failure; undefined if there is none. */
  async known(): Promise<KnownImages | undefined> {
    if (this.images) return this.images;
    if (!this.refreshing && this.failedJustNow()) return undefined;
    const patience = new AbortController();
    const wait = this.failure ? ANOTHER_TRY_TIMEOUT : FIRST_CATALOGUE_TIMEOUT;
    await Promise.race([this.refresh(), this.clock.sleep(wait, patience.signal)]);
    patience.abort();
    return this.images;
  }

  state(): CatalogueState {
    const age = this.refreshedAt === undefined ? undefined : this.clock.monotonic() - this.refreshedAt;
    const error = this.failure?.error;
    return {
      ageMs: age as Millis | undefined,
      tags: this.images?.tags.size ?? 0,
      failure: error?.reason,
      retryAfterMs: error?.retryAfterMs,
    };
  }

  private failedJustNow(): boolean {
    if (!this.failure) return false;
    const { at, error } = this.failure;
    return this.clock.monotonic() - at < Math.max(FAILURE_STANDS_FOR, error.retryAfterMs ?? 0);
  }

  private async load(parent: AbortSignal | undefined): Promise<void> {
    const bound = new Deadline(this.clock, REFRESH_TIMEOUT).bind(parent);
    try {
      const listing = await this.registry.list(bound.signal);
      const told = listing.images;
      const { known, error } = told
        ? { known: await inTurns(knownFromListing(told, this.settings), this.clock), error: undefined }
        : await this.lookUpAll(listing.names, bound.signal);
      this.images = known;
      this.refreshedAt = this.clock.monotonic();
      this.note(error);
      this.tell(known);
    } catch (error) {
      if (!parent?.aborted) this.note(asRegistryError(error));
    } finally {
      bound.release();
    }
  }

  /** Where a registry lists names only, the digests of those to keep on nodes are asked for; few, and they may have moved. */
  private async lookUpAll(
    names: readonly string[],
    signal: AbortSignal,
  ): Promise<{ readonly known: KnownImages; readonly error: RegistryError | undefined }> {
    const { selection } = this.settings;
    const tags = await inTurns(readTagsInSteps(names, selection, { known: this.images?.tags }), this.clock);
    const lookups = await this.lookUp(selectPrepulls(tags, selection), signal);
    const found = lookups.flatMap((lookup) => lookup.found ?? []);
    const untold = lookups.flatMap(({ tag, found: one, error }) => (error && !one ? [tag] : []));
    const known = knownFromDigests(tags, { found, untold }, this.settings);
    return { known, error: lookups.find(({ error }) => error)?.error };
  }

  private note(error: RegistryError | undefined): void {
    const before = this.failure;
    this.failure = error && this.outageOf(error);
    const { tags, ageMs } = this.state();
    if (error) {
      const level = this.failure?.isTold === true && before?.isTold !== true ? 'error' : 'warn';
      this.log[level]('image catalogue refresh incomplete', { ...error.context, tags, ageMs });
    } else if (before) this.log.info('image catalogue complete again', { tags });
    else this.log.debug('image catalogue refreshed', { tags });
  }

  private outageOf(error: RegistryError): Outage {
    const at = this.clock.monotonic();
    const { since = at, isTold = false } = this.failure ?? {};
    const isLong = at - since >= PATIENCE_INTERVALS * this.settings.refreshInterval;
    return { error, at, since, isTold: isTold || isLong || FOR_OPERATORS.has(error.reason) };
  }

  /** A few at a time, so that a refresh never looks like an attack. */
  private async lookUp(tags: readonly Tag[], signal: AbortSignal): Promise<readonly Lookup[]> {
    const lookups: Lookup[] = [];
    const queue = tags.entries();
    const work = async (): Promise<void> => {
      for (const [index, tag] of queue) lookups[index] = await this.lookUpOne(tag, signal);
    };
    await Promise.all(Array.from({ length: PARALLEL_LOOKUPS }, work));
    return lookups;
  }

  private async lookUpOne(tag: Tag, signal: AbortSignal): Promise<Lookup> {
    try {
      return { tag, found: { tag, digest: await this.registry.digestOf(tag.tag, signal) } };
    } catch (thrown) {
      const error = asRegistryError(thrown);
      // Deleted since the list was made, or left over by a push that failed: no reason to call the refresh incomplete.
      if (error.reason === 'tag_without_manifest') {
        this.log.warn('image tag without manifest', { tag: tag.tag });
        return { tag };
      }
      const before = this.images?.images.byTag(tag.tag);
      return { tag, error, ...(before && { found: { tag, digest: before.digest } }) };
    }
  }
}

interface Lookup {
  readonly tag: Tag;
  readonly found?: TaggedDigest;
  readonly error?: RegistryError;
}

/** Anything else is a fault of ours, for which the registry must not be blamed. */
function asRegistryError(error: unknown): RegistryError {
  if (error instanceof RegistryError) return error;
  throw error;
}
