import { millis } from '../../common/units.js';
import type { Millis } from '../../common/units.js';
import type { PodEvent } from '../../kubernetes/index.js';
import { gibibytes } from './sizes.js';
import type { Bytes } from '../../common/units.js';

/** Images whose pulls are remembered; the one that was not pulled for longest makes room. */
const MOST_IMAGES = 200;

interface Pull {
  readonly took: Millis;
  readonly size: Bytes | undefined;
}

/** How long pulls took here, as kubelets told it; held in memory, and merely a courtesy. */
export class PullTimes {
  private readonly pulls = new Map<string, Pull>();

  /** Takes note of `Successfully pulled image "x" in 1m2.5s (…). Image size: 123 bytes.` */
  learn({ reason, message }: PodEvent): void {
    const [, image, took] = /^Successfully pulled image "([^"]+)" in (\S+)/.exec(message) ?? [];
    if (reason !== 'Pulled' || image === undefined || took === undefined) return;
    const bytes = Number(/Image size: (\d+) bytes/.exec(message)?.[1] ?? 0);
    this.pulls.delete(image);
    this.pulls.set(image, { took: goDuration(took), size: bytes > 0 ? (bytes as Bytes) : undefined });
    const [oldest] = this.pulls.keys();
    if (this.pulls.size > MOST_IMAGES && oldest !== undefined) this.pulls.delete(oldest);
  }

  /** What to expect of a pull that begins, to be added to the kubelet's words; empty if nothing is known. */
  expectation({ reason, message }: PodEvent): string {
    const image = reason === 'Pulling' ? /^Pulling image "([^"]+)"/.exec(message)?.[1] : undefined;
    const known = image === undefined ? undefined : this.pulls.get(image);
    if (!known) return '';
    const size = known.size === undefined ? '' : `${gibibytes(known.size)}, `;
    return ` (${size}took ${span(known.took)} here before)`;
  }
}

const UNITS: Readonly<Record<string, number>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  us: 0,
  µs: 0,
  ns: 0,
};

/** A span as Go prints it: `1m2.5s`, `178ms`. */
function goDuration(text: string): Millis {
  const parts = text.matchAll(/([\d.]+)(h|ms|m|us|µs|ns|s)/g);
  return millis(
    Array.from(parts).reduce((sum, [, amount, unit = '']) => sum + Number(amount) * (UNITS[unit] ?? 0), 0),
  );
}

const span = (took: Millis): string =>
  took < 90_000
    ? `${String(Math.max(1, Math.round(took / 1000)))} s`
    : `${String(Math.round(took / 60_000))} min`;
