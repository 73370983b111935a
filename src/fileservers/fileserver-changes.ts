import { Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';

import { Clock } from '../common/clock.js';
import type { Millis } from '../common/units.js';
import { FileserverView } from './fileserver.view.js';

/** Lets those who wait for one server sleep until something about it changes; costs no request, however many wait. */
@Injectable()
export class FileserverChanges implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly sleepers = new Map<string, Set<AbortController>>();
  private readonly ends: (() => void)[] = [];

  constructor(
    private readonly view: FileserverView,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    const wake = (name: string): void => {
      for (const sleeper of this.sleepers.get(name) ?? []) sleeper.abort();
    };
    this.ends.push(this.view.servers.onChange(wake), this.view.world.onChange(wake));
  }

  onModuleDestroy(): void {
    for (const end of this.ends) end();
  }

  /** Resolves at the next change of anything of this server, or after `within`. */
  async next(name: string, within: Millis): Promise<void> {
    const sleeper = new AbortController();
    const beside = this.sleepers.get(name) ?? new Set();
    this.sleepers.set(name, beside.add(sleeper));
    await this.clock.sleep(within, sleeper.signal);
    beside.delete(sleeper);
    if (beside.size === 0 && this.sleepers.get(name) === beside) this.sleepers.delete(name);
  }
}
