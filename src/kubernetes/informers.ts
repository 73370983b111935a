import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { Log } from '../common/logger.js';
import { InformerStores } from './informer-stores.js';
import { Informer } from './informer.js';
import type { InformerSpec, InformerTools } from './informer.js';
import type { KubeObject } from './resource.js';
import { KubeTransport } from './transport.js';
import { SeenVersions } from './versions.js';

/** What the informers of a process share besides the transport. */
@Injectable()
export class InformerRegistry {
  constructor(
    readonly stores: InformerStores,
    readonly versions: SeenVersions,
  ) {}
}

/** An informer whatever its values: what starts, stops and measures it. */
export type AnyInformer = Pick<
  Informer<unknown>,
  'start' | 'stop' | 'synced' | 'resource' | 'size' | 'lastEventAge' | 'events' | 'failures'
>;

/** All informers of this process. Rooms add theirs in `onModuleInit`; the app starts them all, once. */
@Injectable()
export class Informers {
  private readonly informers: AnyInformer[] = [];
  private readonly tools: InformerTools;
  private started = false;

  constructor(transport: KubeTransport, registry: InformerRegistry, clock: Clock, log: Log) {
    this.tools = { transport, clock, log, stores: registry.stores, versions: registry.versions };
  }

  /** One informer; added after `start`, it starts at once. Ask for one kind and selection only once. */
  add<T extends KubeObject, V = T>(spec: InformerSpec<T, V>): Informer<V> {
    // The server sends what was asked for; from here on the compiler cannot know the shape of a kind.
    const informer = new Informer(spec as unknown as InformerSpec<KubeObject, V>, this.tools);
    this.informers.push(informer);
    if (this.started) informer.start();
    return informer;
  }

  start(): void {
    this.started = true;
    for (const informer of this.informers) informer.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.informers.map((informer) => informer.stop()));
  }

  /** Every informer has its first list. */
  allSynced(): boolean {
    return this.informers.every((informer) => informer.synced);
  }

  /** Those added so far, for metrics: name, size, age of the last event. */
  all(): readonly AnyInformer[] {
    return this.informers;
  }
}
