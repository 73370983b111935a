import { Injectable } from '@nestjs/common';
import { EventBus } from '../events/index.js';
import { Metrics } from '../health/index.js';
import { isReasonCode } from './causes/index.js';
import { LabFailed, LabHindered, LabStarted, LabStopped } from './labs.events.js';
import { LabsMemory } from './labs.memory.js';
import { RemovalBrake } from './removal-brake.js';

/** Figures of the room. Lives are counted where they are brought about: on the leader. */
@Injectable()
export class LabsMetrics {
  constructor(metrics: Metrics, bus: EventBus, brake: RemovalBrake, memory: LabsMemory) {
    measureBrake(metrics, brake);
    measureUnrecorded(metrics, memory);
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
