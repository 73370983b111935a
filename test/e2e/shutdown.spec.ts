import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { startCluster } from '../../simulator/cluster.js';
import type { Cluster } from '../../simulator/cluster.js';
import { BerthProcess } from '../support/berth-process.js';
import { FakeApi } from '../support/fake-api.js';
import { Hub } from '../support/hub.js';
import { aPlatform } from '../support/platform.js';
import { rawConnection } from '../support/raw-http.js';
import { until } from '../support/until.js';

describe('the built process, asked to end', () => {
  let cluster: Cluster;
  let berth: BerthProcess;

  const start = async (drain: string): Promise<void> => {
    // No spawn ends by itself: it would end the wait that is watched.
    const scripts = { '*': { sizeBytes: 1_000_000_000, pullBytesPerSecond: 1_000 } };
    cluster = await startCluster({ nodes: 1, registry: {}, identity: {}, scripts });
    const files = aPlatform(cluster);
    const extra = files.extra.replace('berth:\n', `berth:\n  drain: ${drain}\n`);
    berth = await BerthProcess.prepare({ ...files, extra });
    await berth.start();
  };

  afterEach(async () => {
    await berth.dispose();
    await cluster.close();
  });

  it('ends with code 0, idle connections or not, and hands its lease over', async () => {
    await start('60s');
    const idle = await rawConnection(berth.url);
    idle.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(idle, 'data');

    expect(await berth.terminate()).toBe(0);
    expect(berth.log).toContain('"message":"ended"');
    expect(berth.log).toContain('no longer leading');
    expect(berth.log).not.toContain('"level":"error"');
    idle.destroy();
  });

  it('ends a stream that nobody can finish any more without a word', async () => {
    await start('1s');
    const hub = new Hub(berth.url);
    expect(await hub.create('rachel')).toBe(201);
    const stream = await hub.events('rachel');
    await until(() => stream.events.length > 0, 'the first event');

    expect(await berth.terminate()).toBe(0);
    expect(await stream.ended).toBe(true);
    expect(stream.events.map(({ event }) => event)).not.toContain('failed');
  });

  /**
   * @promise nothing is hidden
   * @fault the only replica is asked to end while a spawn is under way, and no other takes its lease
   * @outcome it ends when a lease’s time has passed, not after the whole drain; open streams end without `failed`
   */
  it('waits no longer than a lease lasts for a successor that does not come', async () => {
    await start('10m');
    const hub = new Hub(berth.url);
    expect(await hub.create('rachel')).toBe(201);
    const stream = await hub.events('rachel');
    await until(() => stream.events.length > 0, 'the first event');

    expect(await berth.terminate()).toBe(0);
    expect(await stream.ended).toBe(true);
    expect(stream.events.map(({ event }) => event)).not.toContain('failed');
    expect(berth.log).toContain('callers were cut off');
  }, 180_000);

  it('does not wait after a second signal', async () => {
    await start('60s');
    const socket = await rawConnection(berth.url);
    socket.on('error', () => undefined);
    const create = '/nublado/spawner/v1/labs/rachel/create';
    socket.write(`POST ${create} HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n`);
    await new Hub(berth.url).list();

    const first = berth.terminate();
    await until(() => berth.log.includes('"message":"draining"'), 'the drain');
    const second = await berth.terminate();

    expect(second).toBe(143);
    await first;
    socket.destroy();
  });
});

describe('the built process, asked to end before it serves', () => {
  it('does not wait for an API server that does not answer', async () => {
    const silent = await FakeApi.start(() => undefined);
    const cluster = await startCluster({ nodes: 1, registry: {}, identity: {} });
    const files = aPlatform(cluster);
    const kubeconfig = JSON.parse(
      JSON.stringify(files.kubeconfig).replaceAll(cluster.api.url, silent.url),
    ) as object;
    const berth = await BerthProcess.prepare({ ...files, kubeconfig });

    const starting = berth.start();
    const told = expect(starting).rejects.toThrow('Berth ended with 143');
    await until(() => silent.asked.length > 0, 'the first question');
    expect(await berth.terminate()).toBe(143);

    await told;
    await berth.dispose();
    await cluster.close();
    await silent.stop();
  });
});
