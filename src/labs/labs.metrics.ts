import { Injectable } from '@nestjs/common';
import { EventBus } from '../events/index.js';
import { Metrics } from '../health/index.js';
import { isReasonCode } from './causes/index.js';
import type { LabPhase } from './lab.js';
import { phaseOf } from './lab.phase.js';
import type { SpawnEnd } from './lab.spawn-end.js';
import { LabView } from './lab.view.js';
import { LabFailed, LabHindered, LabStarted, LabStopped, SpawnEnded } from './labs.events.js';
import type { LabsMemory } from './labs.memory.js';
import type { RemovalBrake } from './removal-brake.js';

/** Figures of the room. Lives are counted where they are brought about: on the leader. */
@Injectable()
export class LabsMetrics {
  constructor(metrics: Metrics, bus: EventBus, view: LabView) {
    measureLabs(metrics, view);
    measureSpawns(metrics, bus);
    measureBrake(metrics, view.brake);
    measureUnrecorded(metrics, view.memory);
    measureUnheard(metrics, view);
    const ends = metrics.counter({
      name: 'berth_labs_operations_total',
      help: 'Operations that ended: started, failed (with its reason), stopped.',
      labelNames: ['end', 'reason'],
    });
    const causes = metrics.counter({
      name: 'berth_labs_causes_total',
      help: 'Causes of waiting, failing and ending that labs were told of, by the codes of docs/reasons.md.',
      labelNames: ['reason'],
    });
    bus.on(LabHindered, ({ reason }) => causes.inc({ reason: isReasonCode(reason) ? reason : 'other' }));
    bus.on(LabStarted, () => ends.inc({ end: 'started', reason: '' }));
    bus.on(LabFailed, ({ reason }) => ends.inc({ end: 'failed', reason }));
    bus.on(LabStopped, () => ends.inc({ end: 'stopped', reason: '' }));
  }
}

const PHASES: readonly LabPhase[] = ['pending', 'running', 'terminating', 'terminated', 'failed'];

/** `active_labs` of contract 11.7 is the phase `running`. The same on every replica. */
function measureLabs(metrics: Metrics, { labs }: LabView): void {
  metrics.gauge({
    name: 'berth_labs',
    help: 'Labs by what the API tells of them; those that run are the active ones. Every replica tells all.',
    labelNames: ['phase'],
    collect() {
      const counts = new Map(PHASES.map((phase) => [phase, 0]));
      for (const lab of labs.list()) {
        const phase = phaseOf(lab);
        counts.set(phase, (counts.get(phase) ?? 0) + 1);
      }
      for (const phase of PHASES) this.set({ phase }, counts.get(phase) ?? 0);
    },
  });
}

/** `spawn_success` and `spawn_failure` of contract 11.7. Whom a spawn was for is in the log line "spawn ended". */
function measureSpawns(metrics: Metrics, bus: EventBus): void {
  const durations = metrics.histogram({
    name: 'berth_labs_spawn_duration_seconds',
    help: 'Spawns that succeeded or failed, from their acceptance on, by size.',
    labelNames: ['end', 'size'],
    buckets: [1, 2.5, 5, 10, 20, 40, 60, 120, 300, 600],
  });
  const images = metrics.counter({
    name: 'berth_labs_spawns_total',
    help: 'Spawns that succeeded or failed, by the tag of the image; of the 100 tags that were used last.',
    labelNames: ['end', 'image'],
  });
  const tags = new RecentTags();
  bus.on(SpawnEnded, ({ spawn: { end, elapsed, size, imageTag } }) => {
    durations.observe({ end, size }, elapsed / 1000);
    images.inc({ end, image: imageTag });
    const forgotten = tags.use(imageTag);
    if (forgotten !== undefined) for (const how of ENDS) images.remove({ end: how, image: forgotten });
  });
}

const ENDS: readonly SpawnEnd['end'][] = ['succeeded', 'failed'];
const MOST_TAGS = 100;

/** A new tag comes each day, and people may ask for any: without a bound each would stay a figure for ever. */
class RecentTags {
  private readonly used = new Set<string>();

  /** Answers the tag that made room. */
  use(tag: string): string | undefined {
    this.used.delete(tag);
    this.used.add(tag);
    const [oldest] = this.used;
    if (this.used.size <= MOST_TAGS || oldest === undefined) return undefined;
    this.used.delete(oldest);
    return oldest;
  }
}

function measureBrake(metrics: Metrics, brake: RemovalBrake): void {
  metrics.gauge({
    name: 'berth_removals_stopped',
    help: '1 while nothing is removed unasked, with the reason; an operator must look, then run berth resume-removals.',
    labelNames: ['reason'],
    collect() {
      this.reset();
      const { stop } = brake;
      if (stop) this.set({ reason: stop.reason }, 1);
    },
  });
}

function measureUnrecorded(metrics: Metrics, memory: LabsMemory): void {
  metrics.gauge({
    name: 'berth_labs_unrecorded',
    help: 'Labs whose status the cluster refuses to store: nobody is told how they go, and an operator must look.',
    collect() {
      this.set(memory.unrecorded);
    },
  });
}

/** By the code `node_silent` of docs/reasons.md. The same on every replica. */
function measureUnheard(metrics: Metrics, view: LabView): void {
  metrics.gauge({
    name: 'berth_labs_on_silent_nodes',
    help: 'Labs that run as far as anybody knows: their node does not report, and they are left alone.',
    collect() {
      this.set(view.unheard().size);
    },
  });
}
