import { later, millis, seconds } from '../../src/common/units.js';
import type { Instant } from '../../src/common/units.js';
import { KubernetesError } from '../../src/kubernetes/index.js';
import { readPodEvent } from '../../src/kubernetes/pod-event.js';
import { judge } from '../../src/kubernetes/verdict.js';
import { notYet, refused } from '../../src/labs/causes/index.js';
import { podOf, silenceOf } from '../../src/labs/lab-observed.mapper.js';
import type { Telling } from '../../src/labs/lab.ledger.js';
import type { StatusRecord } from '../../src/labs/lab.decision.js';
import type { Lab, LedgerEntry } from '../../src/labs/lab.js';
import { additions, storyOf } from '../../src/labs/lab.ledger.js';
import type { NodeState, ObservedPod } from '../../src/labs/lab.observed.js';
import { decideLab } from '../../src/labs/lab.policy.js';
import { backedOffIn, isNoise, relayed } from '../../src/labs/lab.relay.js';
import { OperationMemory } from '../../src/labs/labs.memory.js';
import { ACCEPTED, SPAWN, aLab, aNamespace, aRecord, aRequest, observed, progress } from '../gen/observed.js';

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
  /** What went wrong with it once it ran, by reason. */
  readonly troubles: readonly string[];
}

const LAB = 'rachel-nb';
const STEPS = 10;
/** When somebody looks again although nothing is seen: what is held back is written, and patience ends. */
const AFTERWARDS = [1, 2, 5, 70].map((second) => second * 1000);

/** Lets the rule book look at a recorded spawn, sighting by sighting. Nothing of the cluster runs. */
export function replay(sightings: readonly Sighting[], spawnTimeout = 600): Replayed {
  const spectator = new Spectator(spawnTimeout);
  for (const sighting of sightings) spectator.see(sighting);
  const end = sightings.at(-1)?.at ?? 0;
  for (const later of AFTERWARDS) spectator.wait(end + later);
  return spectator.result();
}

class Spectator {
  private lab: Lab = aLab({
    record: aRecord({ operation: progress(), ledger: [] }),
  });
  private readonly memory = new OperationMemory(SPAWN, this.lab, ACCEPTED);
  private pod: ObservedPod | undefined;
  private node: NodeState | undefined;
  /** Its objects exist. */
  private wasSeen = false;
  private failure: Replayed['failure'];
  private readonly troubles: string[] = [];
  /** What was refused last; nobody is seen to lift it, so that trying again gives the same. */
  private refusal: Telling | undefined;

  constructor(private readonly spawnTimeout: number) {}

  see({ at, type, object }: Sighting): void {
    const now = later(ACCEPTED, millis(at));
    if (type === 'REFUSED') this.refuse(object, at, now);
    else if (object['kind'] === 'Event') this.hear(object, now);
    else if (object['kind'] === 'Node') this.node = silenceOf(object) === undefined ? 'ready' : 'not_ready';
    else if (object['kind'] === 'Pod' && nameOf(object) === LAB) this.look(object, type, now);
    this.decide(now, at);
  }

  wait(at: number): void {
    const now = later(ACCEPTED, millis(at));
    if (!this.pod && this.refusal) this.insist(this.refusal, at, now);
    this.decide(now, at);
  }

  result(): Replayed {
    const story = storyOf(this.lab);
    const isComplete = story.some(({ event }) => event === 'complete');
    return { story, failure: this.failure, isComplete, troubles: this.troubles };
  }

  private look(object: object, type: string, now: Instant): void {
    if (type === 'DELETED') {
      this.pod = undefined;
      return;
    }
    // Recorded pods have their own times; ours is counted from the first sight of them.
    const createdAt = this.pod?.createdAt ?? now;
    const pod = podOf(object);
    const startedAt = this.pod?.notebook?.state === 'running' ? this.pod.notebook.startedAt : now;
    const notebook = pod.notebook && { ...pod.notebook, startedAt };
    this.pod = { ...pod, notebook, operation: SPAWN, createdAt };
    this.memory.see(this.pod, now);
    if (this.wasSeen) return;
    this.wasSeen = true;
    this.tell({ phase: 'pending', tellings: [] }, now);
  }

  private hear(object: object, now: Instant): void {
    const event = readPodEvent(object);
    if (event.podName !== LAB) return;
    const backedOff = backedOffIn(event);
    if (backedOff !== undefined) this.memory.backOff(event.podUid, backedOff);
    if (!isNoise(event)) this.memory.remember([{ ...relayed(event), at: now, podUid: undefined }]);
  }

  private refuse(object: Readonly<Record<string, unknown>>, at: number, now: Instant): void {
    const { message = '', code = 0, reason, details } = object as Status;
    const asked = { verb: 'create', kind: 'Pod', namespace: 'userlabs-rachel', name: LAB } as const;
    const answer = {
      verb: 'create',
      resource: 'pods',
      status: code,
      reason,
      message,
      causes: causesOf(details),
    } as const;
    const { verdict } = judge(answer);
    const error = new KubernetesError({ ...asked, status: code, reason, verdict, apiMessage: message });
    if (verdict !== 'cause' && verdict !== 'permanent') {
      this.memory.remember([notYet(error)]);
      return;
    }
    this.refusal = refused(error);
    this.insist(this.refusal, at, now);
  }

  private insist(telling: Telling, at: number, now: Instant): void {
    this.memory.refuse(telling, now);
    const { refusal } = this.memory;
    if (!refusal) return;
    this.failure ??= { reason: refusal.reason, at };
    this.tell({ phase: 'failed', tellings: [{ ...refusal, event: 'error' }], ended: 'failed' }, now);
  }

  private decide(now: Instant, at: number): void {
    for (let step = 0; step < STEPS; step += 1) {
      const decision = decideLab(this.seen(now), now);
      if (decision.kind !== 'act' || decision.step.do !== 'record') return;
      const { record } = decision.step;
      if (record.failure && record.ended) this.failure ??= { reason: record.failure.reason, at };
      else if (record.failure) this.troubles.push(record.failure.reason);
      this.tell(record, now);
      this.memory.wrote(now, true);
      if (record.ended) return;
    }
  }

  private seen(now: Instant): ReturnType<typeof observed> {
    const base = observed({
      namespace: aNamespace(),
      requests: this.wasSeen ? [] : [aRequest()],
      lab: this.lab,
      pod: this.pod,
      node: this.node,
    });
    const pace = { writes: 0, lastAt: undefined };
    const terms = { ...base.terms, spawnTimeout: seconds(this.spawnTimeout) };
    return { ...base, terms, remembered: { ...this.memory.recall(now), pace } };
  }

  private tell(record: StatusRecord, now: Instant): void {
    const added = additions(storyOf(this.lab), record.tellings, now);
    const ledger = [...this.lab.record.ledger, ...added];
    const operation = progress({
      objectsCreated: this.wasSeen,
      last: ledger.at(-1)?.number ?? 1,
      ended: record.ended ?? this.lab.record.operation?.ended ?? null,
      restarts: record.restarts ?? this.lab.record.operation?.restarts ?? 0,
      deadline: later(ACCEPTED, seconds(this.spawnTimeout)),
    });
    const failure = record.failure ? { ...record.failure, at: now } : null;
    this.lab = aLab({ record: aRecord({ phase: record.phase, ledger, operation, failure }) });
  }
}

interface Status {
  readonly message?: string;
  readonly code?: number;
  readonly reason?: string;
  readonly details?: { readonly causes?: readonly { readonly reason?: string; readonly message?: string }[] };
}

const causesOf = (details: Status['details']) =>
  (details?.causes ?? []).map(({ reason = '', message = '' }) => ({ reason, message, field: '' }));

const nameOf = (object: object): string | undefined =>
  (object as { readonly metadata?: { readonly name?: string } }).metadata?.name;
