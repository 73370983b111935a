import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { later, millis, seconds } from '../common/units.js';
import type { Instant, Millis } from '../common/units.js';
import type { Refusal } from './pull-outcome.policy.js';
import type { PullFailureReason } from './prepull.js';

/** At most one write a second a node (design section 2). */
const WRITE_EVERY = seconds(1);
/** A registry that is down all night is told of a few times, not with every pull. */
const TELL_EVERY = seconds(3600);

interface NodeMemory {
  writtenAt: Millis | undefined;
  refusals: readonly Refusal[];
  readonly told: Map<PullFailureReason, Millis>;
}

/** What a leader remembers of nodes besides what the cluster keeps. Losing it costs a write or a try, nothing more. */
@Injectable()
export class PrepullsMemory {
  private readonly nodes = new Map<string, NodeMemory>();

  constructor(private readonly clock: Clock) {}

  /** When the node's record may be written next. */
  writableAt(node: string): Instant {
    const writtenAt = this.nodes.get(node)?.writtenAt;
    if (writtenAt === undefined) return this.clock.now();
    return later(this.clock.now(), millis(Math.max(0, writtenAt + WRITE_EVERY - this.clock.monotonic())));
  }

  refusals(node: string): readonly Refusal[] {
    return this.nodes.get(node)?.refusals ?? [];
  }

  refused(node: string, refusal: Refusal): void {
    const memory = this.of(node);
    memory.refusals = [...memory.refusals.filter(({ digest }) => digest !== refusal.digest), refusal];
  }

  /** The record was written, with all refusals in it. */
  wrote(node: string): void {
    const memory = this.of(node);
    memory.writtenAt = this.clock.monotonic();
    memory.refusals = [];
  }

  /** True once an hour for each reason on each node. */
  mayTell(node: string, reason: PullFailureReason): boolean {
    const { told } = this.of(node);
    const last = told.get(reason);
    const now = this.clock.monotonic();
    if (last !== undefined && now - last < TELL_EVERY) return false;
    told.set(reason, now);
    return true;
  }

  forget(node: string): void {
    this.nodes.delete(node);
  }

  clear(): void {
    this.nodes.clear();
  }

  private of(node: string): NodeMemory {
    const known = this.nodes.get(node);
    if (known) return known;
    const made: NodeMemory = { writtenAt: undefined, refusals: [], told: new Map() };
    this.nodes.set(node, made);
    return made;
  }
}
