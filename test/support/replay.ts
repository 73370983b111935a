import { instant, later, seconds } from '../../src/common/units.js';
import type { Instant } from '../../src/common/units.js';
import { KubernetesError } from '../../src/kubernetes/index.js';
import { readPodEvent } from '../../src/kubernetes/pod-event.js';
import { refused } from '../../src/labs/causes/index.js';
import { podOf } from '../../src/labs/lab-observed.mapper.js';
import type { StatusRecord } from '../../src/labs/lab.decision.js';
import type { Lab, LedgerEntry } from '../../src/labs/lab.js';
import { additions, storyOf } from '../../src/labs/lab.ledger.js';
import type { ObservedPod } from '../../src/labs/lab.observed.js';
import { decideLab } from '../../src/labs/lab.policy.js';
import { isNoise, relayed } from '../../src/labs/lab.relay.js';
import { OperationMemory } from '../../src/labs/labs.memory.js';
import { ACCEPTED, SPAWN, aLab, aNamespace, aRecord, observed, progress } from '../gen/observed.js';

/** One thing that an API server said, as `test/cluster/record` writes it down. */
export interface Sighting {
  /** Milliseconds since the case began. */
  readonly at: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'REFUSED';
  readonly object: Readonly<Record<string, unknown>>;
}

/** What whoever waited for this lab was told. */
export interface Replayed {
  readonly story: readonly LedgerEntry[];
  /** Reason of the failure that ended the spawn, and when that was, in milliseconds since the case began. */
  readonly failure: { readonly reason: string; readonly at: number } | undefined;
  readonly isComplete: boolean;
}

const STEPS = 10;

/** Lets the rule book look at a recorded spawn, sighting by sighting. Nothing of the cluster runs. */
export function replay(sightings: readonly Sighting[], spawnTimeout = 600): Replayed {
  const spectator = new Spectator(spawnTimeout);
  for (const sighting of sightings) spectator.see(sighting);
  return spectator.result();
}

class Spectator {
  private lab: Lab = aLab({
    record: aRecord({ operation: progress({ objectsCreated: true }), ledger: [] }),
  });
  private readonly memory = new OperationMemory(SPAWN, this.lab, ACCEPTED);
  private pod: ObservedPod | undefined;
  private failure: Replayed['failure'];

  constructor(private readonly spawnTimeout: number) {}

  see({ at, type, object }: Sighting): void {
    const now = later(ACCEPTED, at as ReturnType<typeof seconds>);
    if (type === 'REFUSED') this.refuse(object, at);
    else if (object['kind'] === 'Event') this.hear(object);
    else if (object['kind'] === 'Pod') this.look(object, type, now);
    this.decide(now, at);
  }

  result(): Replayed {
    const story = storyOf(this.lab);
    const isComplete = story.some(({ event }) => event === 'complete');
    return { story, failure: this.failure, isComplete };
  }

  private look(object: object, type: string, now: Instant): void {
    if (type === 'DELETED') {
      this.pod = undefined;
      return;
    }
    // Recorded pods have their own times; ours is counted from the first sight of them.
    const createdAt = this.pod?.createdAt ?? now;
    this.pod = { ...podOf(object), operation: SPAWN, createdAt };
    this.memory.see(this.pod);
  }

  private hear(object: object): void {
    const event = readPodEvent(object);
    if (!isNoise(event)) this.memory.remember([{ ...relayed(event), podUid: undefined }]);
  }

  private refuse(object: Readonly<Record<string, unknown>>, at: number): void {
    const { message = '', code = 0, reason } = object as { message?: string; code?: number; reason?: string };
    const error = new KubernetesError({
      ...{ verb: 'create', kind: 'Pod', namespace: 'userlabs-rachel', name: 'rachel-nb' },
      ...{ status: code, reason, verdict: 'permanent', apiMessage: message },
    });
    const telling = refused(error);
    this.failure ??= { reason: telling.reason, at };
    this.tell({ phase: 'failed', tellings: [{ ...telling, event: 'error' }], ended: 'failed' }, instant(at));
  }

  private decide(now: Instant, at: number): void {
    for (let step = 0; step < STEPS && this.pod; step += 1) {
      const decision = decideLab(this.seen(now), now);
      if (decision.kind !== 'act' || decision.step.do !== 'record') return;
      const { record } = decision.step;
      if (record.failure && record.ended) this.failure ??= { reason: record.failure.reason, at };
      this.tell(record, now);
      this.memory.wrote(now, true);
      if (record.ended) return;
    }
  }

  private seen(now: Instant): ReturnType<typeof observed> {
    const base = observed({ namespace: aNamespace(), requests: [], lab: this.lab, pod: this.pod });
    const pace = { writes: 0, lastAt: undefined };
    const terms = { ...base.terms, spawnTimeout: seconds(this.spawnTimeout) };
    return { ...base, terms, remembered: { ...this.memory.recall(now), pace } };
  }

  private tell(record: StatusRecord, now: Instant): void {
    const added = additions(storyOf(this.lab), record.tellings, now);
    const ledger = [...this.lab.record.ledger, ...added];
    const operation = progress({
      objectsCreated: true,
      last: ledger.at(-1)?.number ?? 1,
      ended: record.ended ?? null,
      deadline: later(ACCEPTED, seconds(this.spawnTimeout)),
    });
    const failure = record.failure ? { ...record.failure, at: now } : null;
    this.lab = aLab({ record: aRecord({ phase: record.phase, ledger, operation, failure }) });
  }
}
