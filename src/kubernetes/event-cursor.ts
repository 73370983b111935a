import type { Clock } from '../common/clock.js';
import { millis } from '../common/units.js';
import { compareVersions, SeenVersions } from './versions.js';

/** Other kinds may be told sooner than events are; what was seen this long ago, the events' watch has passed too. */
const LOOK_BACK = millis(10_000);

/**
 * Knows from which version the watch of events must go on, so that nothing is missed and little is repeated.
 *
 * Events have no bookmarks, and a quiet watch looks like a dead one. So what other watches have seen stands in for
 * bookmarks, and silence is trusted only after a whole turn, and then only up to the turn's beginning.
 */
export class EventCursor {
  /** Everything written before `at` less ten seconds was told; everything up to `version` too. */
  private point: { readonly at: number; readonly version?: string | undefined };
  private turnBegan = 0;
  private heardInTurn = false;
  private source: SeenVersions | undefined;

  constructor(
    private readonly shared: SeenVersions,
    private readonly clock: Clock,
  ) {
    this.point = { at: clock.monotonic() };
  }

  /** Whether some other watch has seen anything, so that there is a place to begin. */
  get hasBeginning(): boolean {
    return this.shared.asOf(0) !== undefined;
  }

  /** Where events are kept must be found out before the first turn, and while they are apart before each. */
  get needsProbe(): boolean {
    return this.source !== this.shared;
  }

  /**
   * A look at the events' own version (`undefined`: it could not be had). Where events share their store with the rest,
   * it is not older than a version we had seen `before`; where it is older they live apart, and versions of other kinds mean
   * nothing: a watch from one would be silent for ever.
   */
  probed(version: string | undefined, before: string | undefined): void {
    if (version === undefined) this.source ??= this.shared;
    else if (this.source) this.source.saw(version);
    else if (before !== undefined && compareVersions(version, before) < 0) {
      this.source = new SeenVersions(this.clock);
      this.source.saw(version);
    } else this.source = this.shared;
  }

  /** The newest version any watch has seen. */
  get newest(): string | undefined {
    return this.shared.asOf(0);
  }

  /** Begins a turn, and says from where. */
  begin(): string | undefined {
    const source = this.source ?? this.shared;
    // The events' own versions need no margin.
    const margin = source === this.shared ? LOOK_BACK : 0;
    const passed = source.asOf(this.clock.monotonic() - this.point.at + margin);
    this.turnBegan = this.clock.monotonic();
    this.heardInTurn = false;
    const { version } = this.point;
    if (passed === undefined || version === undefined) return passed ?? version;
    return compareVersions(version, passed) < 0 ? version : passed;
  }

  /** An event of this version came, and with it every older one. */
  heard(version: string): void {
    this.heardInTurn = true;
    this.point = { at: this.clock.monotonic(), version };
    (this.source ?? this.shared).saw(version);
  }

  /** The turn lasted as long as planned. */
  completed(): void {
    if (!this.heardInTurn) this.point = { at: this.turnBegan };
  }

  /** Our place has expired: go on from now. */
  lost(): void {
    this.point = { at: this.clock.monotonic() };
    if (this.source !== this.shared) this.source = undefined;
  }
}
