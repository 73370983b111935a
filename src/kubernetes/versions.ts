import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';

const DIGITS = /^\d+$/;

/**
 * Orders two resourceVersions of one kind: negative when `a` is older. They are decimal numbers of any length
 * (Kubernetes, "Resource versions", guaranteed since 1.35); anything else compares as equal, so that nothing is refused.
 */
export function compareVersions(a: string, b: string): number {
  if (!DIGITS.test(a) || !DIGITS.test(b)) return 0;
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}

interface Sample {
  readonly at: number;
  readonly version: string;
}

/** One sample a second for five minutes, as long as the server keeps old versions. */
const SAMPLE_EVERY = 1000;
const KEPT = 300;

/** The newest resourceVersion that any of our lists and watches had seen, and when. */
@Injectable()
export class SeenVersions {
  private readonly samples: Sample[] = [];

  constructor(private readonly clock: Clock) {}

  saw(version: string): void {
    const last = this.samples.at(-1);
    if (last && compareVersions(version, last.version) <= 0) return;
    const at = this.clock.monotonic();
    if (last && at - last.at < SAMPLE_EVERY) return;
    this.samples.push({ at, version });
    if (this.samples.length > KEPT) this.samples.shift();
  }

  /** The cluster's history is gone (a restored backup): what we saw means nothing. */
  forget(): void {
    this.samples.length = 0;
  }

  /** The newest one seen at least `age` ago; the oldest known when all are younger; undefined when none is. */
  asOf(age: number): string | undefined {
    const limit = this.clock.monotonic() - age;
    return (this.samples.findLast((sample) => sample.at <= limit) ?? this.samples[0])?.version;
  }
}
