import { createHash } from 'node:crypto';
import type { Clock } from '../common/clock.js';
import type { Secret } from '../config/index.js';
import { seconds } from '../common/units.js';

/** Quota and group changes lag at most this long (contract 11.3). */
const LIFETIME = seconds(300);
const MAX_ENTRIES = 1_000;

interface Entry<V> {
  readonly value: V;
  readonly until: number;
}

/**
 * Remembers what was learnt with a token, under the token's hash. Of several who ask at once one goes and the others
 * wait for it; failures are not remembered.
 */
export class TokenCache<V> {
  private readonly entries = new Map<string, Entry<V>>();
  private readonly underway = new Map<string, Promise<V>>();

  constructor(private readonly clock: Clock) {}

  /** What is known without asking. */
  peek(token: Secret): V | undefined {
    return this.fresh(hashOf(token));
  }

  async get(token: Secret, ask: () => Promise<V>): Promise<V> {
    const key = hashOf(token);
    const known = this.fresh(key);
    if (known !== undefined) return known;
    const other = this.underway.get(key);
    if (other) return other;
    const mine = ask().finally(() => this.underway.delete(key));
    this.underway.set(key, mine);
    const value = await mine;
    this.remember(key, value);
    return value;
  }

  private fresh(key: string): V | undefined {
    const entry = this.entries.get(key);
    if (entry === undefined || entry.until <= this.clock.monotonic()) return undefined;
    return entry.value;
  }

  /** A map keeps the order of insertion, so its first key is the one learnt longest ago. */
  private remember(key: string, value: V): void {
    this.entries.delete(key);
    this.entries.set(key, { value, until: this.clock.monotonic() + LIFETIME });
    const [oldest] = this.entries.keys();
    if (this.entries.size > MAX_ENTRIES && oldest !== undefined) this.entries.delete(oldest);
  }
}

const hashOf = (token: Secret): string => createHash('sha256').update(token.reveal()).digest('base64');
