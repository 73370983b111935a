import { Injectable } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { Clock } from '../common/clock.js';
import { Leadership } from '../kubernetes/index.js';

/** Where signals from outside come from. */
@Injectable()
export class PrepullerSignals {
  constructor(
    readonly leadership: Leadership,
    readonly scheduler: SchedulerRegistry,
    readonly clock: Clock,
  ) {}
}
