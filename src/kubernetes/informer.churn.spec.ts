import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { SystemClock } from '../common/clock.js';
import type { Millis } from '../common/units.js';
import { FakeApi, sendJson, sendStatus, type Asked } from '../../test/support/fake-api.js';
import { connectTo } from '../../test/support/kube.js';
import { MemoryLog } from '../../test/support/memory-log.js';
import { until } from '../../test/support/until.js';
import { InformerStores } from './informer-stores.js';
import { InformerRegistry, Informers } from './informers.js';
import { CONFIG_MAPS, type KubeObject, type ResourceKind } from './resource.js';
import { SeenVersions } from './versions.js';

const MAPS: ResourceKind = CONFIG_MAPS;
const PAGE = 7;
/** Older versions than this many back are forgotten, and answered with 410. */
const HISTORY = 60;

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Small numbers from a seed (a linear congruential generator), so that a failure can be repeated. */
function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 10) % below;
  };
}

/** Waits fifty times shorter, so that many disconnects fit into one spec. */
class QuickClock extends SystemClock {
  override after(delay: Millis, callback: () => void): () => void {
    return super.after((delay / 50) as Millis, callback);
  }
}

/** A store of objects with a history, served by paged lists from snapshots and by watches. */
class Cluster {
  readonly objects = new Map<string, KubeObject>();
  version = 0;
  private readonly log: { version: number; line: string }[] = [];
  private readonly watchers = new Set<ServerResponse>();
  private readonly snapshots = new Map<string, KubeObject[]>();

  /** Creates, updates, deletes or deletes and recreates one object; returns what a write's response would hold. */
  change(name: string, pick: number): KubeObject | undefined {
    const known = this.objects.get(name);
    if (!known) return this.put(name, `${name}-${this.version}`, 'ADDED');
    if (pick === 0) return this.put(name, known.metadata?.uid ?? '', 'MODIFIED');
    this.version += 1;
    const last = this.at(name, known.metadata?.uid ?? '');
    this.objects.delete(name);
    this.record('DELETED', last);
    return pick === 1 ? undefined : this.put(name, `${name}-${this.version}`, 'ADDED');
  }

  serve(asked: Asked, response: ServerResponse): void {
    const { query } = asked;
    if (query.has('sendInitialEvents')) this.stream(response);
    else if (query.has('watch')) this.watch(Number(query.get('resourceVersion')), response);
    else this.list(query.get('continue'), response);
  }

  closeSome(pick: (below: number) => number): void {
    for (const response of this.watchers) if (pick(2) === 0) response.destroy();
  }

  private put(name: string, uid: string, type: string): KubeObject {
    this.version += 1;
    const object = this.at(name, uid);
    this.objects.set(name, object);
    this.record(type, object);
    return object;
  }

  private at(name: string, uid: string): KubeObject {
    const metadata = { name, namespace: 'n', uid, resourceVersion: String(this.version) };
    return JSON.parse(JSON.stringify({ metadata })) as KubeObject;
  }

  private record(type: string, object: KubeObject): void {
    const line = `${JSON.stringify({ type, object })}\n`;
    this.log.push({ version: this.version, line });
    if (this.log.length > HISTORY) this.log.shift();
    for (const response of this.watchers) response.write(line);
  }

  private list(token: string | null, response: ServerResponse): void {
    const [id = '', from = '0'] = (token ?? `${this.version}-${this.snapshots.size}:0`).split(':');
    if (token === null) this.snapshots.set(id, [...this.objects.values()]);
    const items = this.snapshots.get(id) ?? [];
    const end = Number(from) + PAGE;
    const metadata = {
      resourceVersion: id.split('-')[0],
      ...(end < items.length ? { continue: `${id}:${end}` } : {}),
    };
    sendJson(response, 200, { metadata, items: items.slice(Number(from), end) });
  }

  /** The list in a watch; what changes before it is over is told among it. */
  private stream(response: ServerResponse): void {
    response.writeHead(200);
    response.flushHeaders();
    for (const object of this.objects.values())
      response.write(`${JSON.stringify({ type: 'ADDED', object })}\n`);
    this.join(response);
    const annotations = { 'k8s.io/initial-events-end': 'true' };
    const end = (): void => {
      const metadata = { resourceVersion: String(this.version), annotations };
      response.write(`${JSON.stringify({ type: 'BOOKMARK', object: { metadata } })}\n`);
    };
    setTimeout(end, 5);
  }

  private join(response: ServerResponse): void {
    this.watchers.add(response);
    response.on('close', () => this.watchers.delete(response));
  }

  private watch(from: number, response: ServerResponse): void {
    const oldest = this.log[0]?.version ?? 0;
    if (from < oldest - 1) {
      sendStatus(response, 410, 'Expired');
      return;
    }
    response.writeHead(200);
    response.flushHeaders();
    for (const { version, line } of this.log) if (version > from) response.write(line);
    this.join(response);
  }
}

describe('Informer under churn', () => {
  it.each([1, 2, 3])(
    'ends with the truth in spite of disconnects, 410 and write-through (seed %i)',
    async (seed) => {
      const pick = chance(seed);
      const cluster = new Cluster();
      const api = await FakeApi.start((asked, response) => {
        cluster.serve(asked, response);
      });
      const clock = new QuickClock();
      const transport = await connectTo(api.url);
      const stores = new InformerStores();
      const registry = new InformerRegistry(stores, new SeenVersions(clock));
      const informers = new Informers(transport, registry, clock, new MemoryLog());
      const informer = informers.add({ kind: MAPS });
      closers.push(
        () => api.stop(),
        () => transport.close(),
        () => informers.stop(),
      );
      const mirror = new Map<string, string>();
      const name = (object: KubeObject): string =>
        `${object.metadata?.uid ?? ''}@${object.metadata?.resourceVersion ?? ''}`;
      informer.onChange(({ kind, key, value }) => {
        if (kind === 'deleted') mirror.delete(key);
        else mirror.set(key, name(value));
      });
      for (let i = 0; i < 30; i += 1) cluster.change(`o${i}`, 0);
      informers.start();
      for (let i = 0; i < 10; i += 1) {
        await until(() => api.asked.length > 0);
        cluster.change(`o${pick(40)}`, pick(3));
      }
      await informer.whenSynced();

      for (let i = 0; i < 500; i += 1) {
        const written = cluster.change(`o${pick(40)}`, pick(3));
        if (written && pick(3) === 0) stores.accept(MAPS, written);
        if (pick(12) === 0) cluster.closeSome(pick);
        if (pick(25) === 0) api.cut();
        if (pick(3) === 0) await new Promise((resolve) => setTimeout(resolve, pick(12)));
      }
      const truth = (): string[] => [...cluster.objects.values()].map(name).sort();
      const seen = (): string[] => informer.list().map(name).sort();
      await until(() => JSON.stringify(seen()) === JSON.stringify(truth()), 'the truth', 15_000);

      expect([...mirror.values()].sort()).toEqual(truth());
      expect(api.asked.filter(({ query }) => query.has('watch')).length).toBeGreaterThan(5);
    },
  );
});
