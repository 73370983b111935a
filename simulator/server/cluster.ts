import type { Context } from './context.js';
import { WritePace } from './http/write-pace.js';
import type { KubeObject } from './objects.js';
import { BUILTINS } from './resources/builtins.js';
import { Registry } from './resources/registry.js';
import { parse } from './store/entry.js';
import { Store } from './store/store.js';
import { WatchHub } from './store/watch-hub.js';

export interface AccessAttributes {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
}

export interface ClusterOptions {
  readonly now: () => number;
  readonly historySize: number;
  readonly bookmarkIntervalMs: number;
  /** Answers why an access is refused, undefined when it is allowed. */
  readonly deny?: ((attributes: AccessAttributes) => string | undefined) | undefined;
  readonly writesPerSecond?: number | undefined;
}

const FIRST_NODE_PORT = 30_000;

/** Everything behind the HTTP API: storage, watches and the resources served. */
export class Cluster implements Context {
  readonly store: Store;
  readonly hub: WatchHub;
  readonly registry = new Registry(BUILTINS);
  readonly pace: WritePace;
  private nextAddress = 10;
  private nextNodePort = FIRST_NODE_PORT;

  constructor(readonly options: ClusterOptions) {
    this.store = new Store({ historySize: options.historySize, now: options.now });
    this.hub = new WatchHub();
    this.pace = new WritePace(options.writesPerSecond);
    this.store.onChange((storage, change) => this.hub.publish(storage, change));
  }

  nowMs(): number {
    return this.options.now();
  }

  find(storage: string, namespace: string, name: string): KubeObject | undefined {
    const entry = this.store.table(storage).get(namespace, name);
    return entry && parse(entry);
  }

  list(storage: string, namespace: string): KubeObject[] {
    return this.store.table(storage).list(namespace).map(parse);
  }

  write(storage: string, object: KubeObject): void {
    this.store.put(storage, object, this.registry.ofStorage(storage)?.strategy.index);
  }

  takeServiceAddress(wished?: string): string {
    if (wished) return wished;
    this.nextAddress++;
    return `10.96.${(this.nextAddress >> 8) & 255}.${this.nextAddress & 255}`;
  }

  takeNodePort(): number {
    return this.nextNodePort++;
  }
}
