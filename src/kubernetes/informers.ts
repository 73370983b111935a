import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { Log } from '../common/logger.js';
import { InformerStores } from './informer-stores.js';
import { Informer } from './informer.js';
import type { InformerSpec, InformerTools } from './informer.js';
import { Reflector } from './reflector.js';
import type { ReflectorSource } from './reflector.js';
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
  /** By what they ask for; those that may still be shared. */
  private readonly reflectors = new Map<string, Reflector<KubeObject>>();
  private started = false;

  constructor(transport: KubeTransport, registry: InformerRegistry, clock: Clock, log: Log) {
    this.tools = { transport, clock, log, stores: registry.stores, versions: registry.versions };
  }

  /**
   * One informer; added after `start`, it starts at once. Rooms that ask for the same objects before it share one list and
   * one watch, each with a cache of what it needs of them.
   */
  add<T extends KubeObject, V = T>(spec: InformerSpec<T, V>): Informer<V> {
    // The server sends what was asked for; from here on the compiler cannot know the shape of a kind.
    const plain = spec as unknown as InformerSpec<KubeObject, V>;
    const informer = new Informer(plain, this.tools, this.reflectorOf(plain));
    this.informers.push(informer);
    if (this.started) informer.start();
    return informer;
  }

  private reflectorOf(spec: ReflectorSource<KubeObject>): Reflector<KubeObject> {
    const words = wordsOf(spec);
    const known = this.started ? undefined : this.reflectors.get(words);
    const reflector = known ?? new Reflector(spec, this.tools);
    this.reflectors.set(words, reflector);
    return reflector;
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

/** Two sources of the same words tell of the same objects. */
function wordsOf(source: ReflectorSource<KubeObject>): string {
  const { kind, namespace, labelSelector, fieldSelector, metadataOnly = false } = source;
  const { group, version, plural } = kind;
  return JSON.stringify([group, version, plural, namespace, labelSelector, fieldSelector, metadataOnly]);
}
