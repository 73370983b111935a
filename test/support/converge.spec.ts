import { Injectable, Module } from '@nestjs/common';
import type { OnModuleDestroy, OnModuleInit } from '@nestjs/common';
import { describe } from 'vitest';

import { Clock } from '../../src/common/clock.js';
import { Log } from '../../src/common/logger.js';
import { seconds } from '../../src/common/units.js';
import { CONFIG_MAPS, Informers, KubeWriter, Leadership } from '../../src/kubernetes/index.js';
import type { Informer, KubeObject, ResourceKind } from '../../src/kubernetes/index.js';
import { KeyedQueue, settled } from '../../src/reconcile/index.js';
import type { Outcome, Run } from '../../src/reconcile/index.js';
import type { Cluster } from '../../simulator/cluster.js';
import { shapesIn } from './cluster-shapes.js';
import { CALL_FAULTS } from './call-faults.js';
import { itConverges, itEndures } from './converge.js';
import { someRuntimeSettings } from './labs-runtime.js';
import { roomScenario } from './room-scenario.js';
import { until } from './until.js';

interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

const MAPS = CONFIG_MAPS as ResourceKind as ResourceKind<ConfigMap>;
const SOURCE = 'source';
const COPIES = ['first', 'second'];

@Injectable()
class Ground {
  constructor(
    readonly clock: Clock,
    readonly log: Log,
  ) {}
}

/** The smallest room there can be: keeps two copies of each source. Shows what a room's flow needs to be tried. */
@Injectable()
class Copier implements OnModuleInit, OnModuleDestroy {
  private readonly maps: Informer<ConfigMap>;
  private readonly queue: KeyedQueue<string>;

  constructor(
    informers: Informers,
    private readonly leadership: Leadership,
    private readonly writer: KubeWriter,
    { clock, log }: Ground,
  ) {
    this.maps = informers.add<ConfigMap, ConfigMap>({
      kind: MAPS,
      namespace: 'berth',
      project: (map) => map,
    });
    const reconcile = (key: string, { signal }: Run): Promise<Outcome> => this.copy(key, signal);
    this.queue = new KeyedQueue({ reconcile }, { name: 'copies', concurrency: 1, clock, log });
  }

  onModuleInit(): void {
    this.maps.onChange(() => this.queue.add(SOURCE));
    this.leadership.onChange((leading) => {
      if (leading) this.queue.start();
      else this.queue.pause();
      this.queue.add(SOURCE);
    });
  }

  async onModuleDestroy(): Promise<void> {
    await this.queue.drain(seconds(1));
  }

  private async copy(key: string, signal: AbortSignal): Promise<Outcome> {
    const source = this.maps.get({ namespace: 'berth', name: key });
    for (const name of source ? COPIES : []) {
      if (this.maps.get({ namespace: 'berth', name })) continue;
      const copy = { metadata: { name, namespace: 'berth' }, data: source?.data ?? {} };
      await this.writer.createIfAbsent(MAPS, copy, { priority: 'reconcile', reason: 'copy', signal });
    }
    return settled;
  }
}

@Module({ providers: [Ground, Copier] })
class CopierModule {}

const copies = (cluster: Cluster): readonly object[] =>
  shapesIn(cluster, ['configmaps'], ({ name }) => COPIES.includes(name));

const COPYING = roomScenario({
  name: 'two copies',
  room: { modules: [CopierModule], settings: someRuntimeSettings() },
  pace: 20,
  drive: async (_process, cluster) => {
    const body = JSON.stringify({ metadata: { name: SOURCE }, data: { text: 'x' } });
    const headers = { 'content-type': 'application/json' };
    await fetch(`${cluster.api.url}/api/v1/namespaces/berth/configmaps`, { method: 'POST', headers, body });
    await until(() => copies(cluster).length === COPIES.length, 'the copies', 10_000);
  },
  picture: copies,
});

describe('any room', () => {
  itConverges(COPYING);
  itEndures(COPYING, {
    '409': CALL_FAULTS['409'],
    '500': CALL_FAULTS['500'],
    'reset after': CALL_FAULTS['reset after'],
  });
});
