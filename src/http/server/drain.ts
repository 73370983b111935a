import { Injectable } from '@nestjs/common';
import type { BeforeApplicationShutdown } from '@nestjs/common';
import { Log } from '../../common/logger.js';
import { AppSettings } from '../../config/index.js';
import { Requests } from './requests.js';

/**
 * The step between "our own work stops" (`onModuleDestroy`) and "the server closes": callers that wait are served,
 * fed by informers that still run (`onApplicationShutdown` stops those).
 */
@Injectable()
export class Drain implements BeforeApplicationShutdown {
  private readonly steps: (() => Promise<void>)[] = [];

  constructor(
    private readonly requests: Requests,
    private readonly settings: AppSettings,
    private readonly log: Log,
  ) {}

  /** Does this after the rooms have stopped and before anybody is waited for. */
  first(step: () => Promise<void>): void {
    this.steps.push(step);
  }

  async beforeApplicationShutdown(): Promise<void> {
    for (const step of this.steps) await step();
    const { waiting } = this.requests;
    this.log.info('draining', { waiting, longestMs: this.settings.berth.drain });
    await this.requests.drain(this.settings.berth.drain);
    if (this.requests.cut.aborted) this.log.warn('callers were cut off', { waiting: this.requests.waiting });
  }
}
