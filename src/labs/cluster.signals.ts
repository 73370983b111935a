import { Injectable } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';

import { Leadership, PodEvents } from '../kubernetes/index.js';

/** Where signals from outside come from. */
@Injectable()
export class ClusterSignals {
  constructor(
    readonly leadership: Leadership,
    readonly events: PodEvents,
    readonly scheduler: SchedulerRegistry,
  ) {}
}
