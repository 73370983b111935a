import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCluster, type Cluster } from '../../simulator/cluster.js';
import { BerthProcess } from '../support/berth-process.js';
import { Hub } from '../support/hub.js';
import { aPlatform } from '../support/platform.js';

const MEBIBYTE = 1_048_576;

describe('two replicas of the built process', () => {
  let cluster: Cluster;
  let first: BerthProcess;
  let second: BerthProcess;

  beforeAll(async () => {
    cluster = await startCluster({
      nodes: 2,
      registry: {},
      identity: {},
      scripts: { '*': { sizeBytes: 100 * MEBIBYTE, pullBytesPerSecond: 100 * MEBIBYTE } },
    });
    const files = aPlatform(cluster);
    [first, second] = await Promise.all([BerthProcess.prepare(files), BerthProcess.prepare(files)]);
    await first.start();
    await second.start();
  }, 180_000);

  afterAll(async () => {
    await Promise.all([first.dispose(), second.dispose()]);
    await cluster.close();
  });

  /**
   * @promise nothing is lost
   * @fault two creates for one user reach two replicas at once
   * @outcome one is accepted, the other is answered 409; both replicas tell the same story
   */
  it('accept one of two creates that arrive at once and tell the same story', async () => {
    const [one, other] = [new Hub(first.url), new Hub(second.url)];

    const codes = await Promise.all([one.create('rachel'), other.create('rachel')]);
    const readings = await Promise.all([one.events('rachel'), other.events('rachel')]);
    await Promise.all(readings.map(({ ended }) => ended));

    expect([...codes].sort()).toEqual([201, 409]);
    const [here, there] = readings.map(({ events }) => events.map(({ raw }) => raw));
    expect(here).toEqual(there);
    expect(readings[0].events.at(-1)?.event).toBe('complete');
    expect(await other.remove('rachel')).toBe(204);
    expect((await one.status('rachel')).status).toBe(404);
  });

  /**
   * @promise nothing is lost
   * @fault the leader is killed in the middle of a spawn
   * @outcome another replica finishes it; the open stream never breaks
   */
  it('finish a spawn whose leader dies, on a stream that never breaks', async () => {
    const survivor = new Hub(second.url);
    expect(await survivor.create('dario')).toBe(201);
    const reading = await survivor.events('dario');

    first.kill();
    const clean = await reading.ended;

    expect(clean).toBe(true);
    expect(reading.events.at(-1)?.event).toBe('complete');
    expect(reading.events.map(({ id }) => Number(id?.split('-')[1]))).toEqual(
      reading.events.map((_, index) => index + 1),
    );
  }, 180_000);

  /**
   * @promise nothing is lost
   * @fault a replica is asked to end while somebody follows a spawn
   * @outcome the stream goes on until the spawn has ended
   */
  it('let a stream go on after SIGTERM until the spawn has ended', async () => {
    await first.ended();
    await first.start();
    const hub = new Hub(second.url);
    expect(await hub.remove('dario')).toBe(204);
    expect(await hub.create('dario')).toBe(201);
    const reading = await hub.events('dario');

    const code = await second.terminate();

    expect(await reading.ended).toBe(true);
    expect(reading.events.at(-1)?.event).toBe('complete');
    expect(code).toBe(0);
  }, 180_000);
});
