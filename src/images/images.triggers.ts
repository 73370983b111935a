import { Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { Clock, intervalOf } from '../common/clock.js';
import { Log } from '../common/logger.js';
import { millis, seconds } from '../common/units.js';
import type { Millis } from '../common/units.js';
import { ImageCatalogue } from './image-catalogue.js';

const INTERVAL = 'images.refresh';
/** First pause after a refresh that failed; doubled with each further failure, up to the interval. */
const FIRST_RETRY = seconds(5);

/** Has the catalogue refreshed: once at start without anybody waiting, at every interval, and sooner after a failure. */
@Injectable()
export class ImagesTriggers implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly stopped = new AbortController();
  private failures = 0;
  private notBefore = millis(0);
  private cancelRetry: () => void = () => undefined;

  constructor(
    private readonly catalogue: ImageCatalogue,
    private readonly scheduler: SchedulerRegistry,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.scheduler.addInterval(
      INTERVAL,
      setInterval(() => void this.refresh(), this.interval()),
    );
    void this.refresh();
  }

  onModuleDestroy(): void {
    this.stopped.abort();
    this.cancelRetry();
    if (this.scheduler.doesExist('interval', INTERVAL)) this.scheduler.deleteInterval(INTERVAL);
  }

  private async refresh(): Promise<void> {
    if (this.clock.monotonic() < this.notBefore) return;
    try {
      await this.catalogue.refresh(this.stopped.signal);
    } catch (error) {
      this.log.error('image catalogue refresh broke', { error });
    }
    if (!this.stopped.signal.aborted) this.planRetry();
  }

  private planRetry(): void {
    this.cancelRetry();
    const { failure, retryAfterMs } = this.catalogue.state();
    this.failures = failure === undefined ? 0 : this.failures + 1;
    if (failure === undefined) return;
    const asked = retryAfterMs ?? millis(0);
    this.notBefore = millis(this.clock.monotonic() + asked);
    const pause = millis(Math.max(FIRST_RETRY * 2 ** (this.failures - 1), asked));
    if (pause < this.interval()) this.cancelRetry = this.clock.after(pause, () => void this.refresh());
  }

  private interval(): Millis {
    const { refreshInterval } = this.catalogue.settings;
    return intervalOf(refreshInterval);
  }
}
