import { Injectable } from '@nestjs/common';

import { Clock } from '../common/clock.js';
import { seconds } from '../common/units.js';
import type { Millis } from '../common/units.js';

const WINDOW = seconds(3600);
const ALWAYS_ALLOWED = 10;
const SHARE = 0.05;

/** Counts removals that nobody asked for, and stops them when there are too many at once to be believed. */
@Injectable()
export class RemovalBrake {
  private removals: Millis[] = [];

  constructor(private readonly clock: Clock) {}

  /** True, and counted, if one more removal among `total` labs is believable; false when the brake holds. */
  permits(total: number): boolean {
    const now = this.clock.monotonic();
    this.removals = this.removals.filter((at) => now - at < WINDOW);
    if (this.removals.length >= Math.max(ALWAYS_ALLOWED, Math.floor(total * SHARE))) return false;
    this.removals.push(now);
    return true;
  }
}
