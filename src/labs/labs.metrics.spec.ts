import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Cluster } from '../../simulator/cluster.js';
import {
  aCreate,
  imageOf,
  someRuntimeSettings,
  startLabCluster,
  startRuntime,
  storyOf,
} from '../../test/support/labs-runtime.js';
import type { Runtime } from '../../test/support/labs-runtime.js';
import { until } from '../../test/support/until.js';
import { seconds } from '../common/units.js';
import { EventBus } from '../events/index.js';
import { Metrics } from '../health/index.js';
import { LabView } from './lab.view.js';
import { LabsMetrics } from './index.js';
import { SpawnEnded } from './labs.events.js';

const ENDED = { end: 'succeeded', elapsed: seconds(1) } as const;

describe('LabsMetrics', () => {
  let cluster: Cluster;
  let runtime: Runtime;
  let metrics: Metrics;

  beforeAll(async () => {
    const scripts = {
      'science/missing': { failure: 'imageMissing' },
      'science/hanging': { failure: 'hang' },
    } as const;
    cluster = await startLabCluster({ scripts, timeScale: 0.02 });
    // A leader that is replaced between a write and its telling counts nothing; a busy machine must not bring that about.
    const lease = { duration: seconds(120), renewDeadline: seconds(90) };
    const settings = someRuntimeSettings();
    runtime = await startRuntime({ kubeconfig: cluster.kubeconfig('berth'), settings, lease });
    metrics = new Metrics({ version: '0' });
    new LabsMetrics(metrics, runtime.get(EventBus), runtime.get(LabView));
    await runtime.readiness.whenReady();
  });

  afterAll(async () => {
    await runtime.close();
    await cluster.close();
  });

  const lines = async (name: string): Promise<readonly string[]> =>
    (await metrics.print()).split('\n').filter((line) => line.startsWith(name));
  const ends = () => runtime.log.lines.filter(({ message }) => message === 'spawn ended');

  it('counts labs by phase, and spawns by how they ended, and says for whom in the log alone', async () => {
    for (const [user, image] of [
      ['amy', 'lab'],
      ['ben', 'missing'],
      ['cyd', 'lab'],
    ] as const) {
      await runtime.labs.create(aCreate(user, image));
      await storyOf(runtime.labs, user);
    }
    await runtime.labs.create(aCreate('dot', 'hanging'));
    await until(() => ends().length === 3, 'three spawns have ended');

    expect(await lines('berth_labs{')).toEqual([
      'berth_labs{phase="pending"} 1',
      'berth_labs{phase="running"} 2',
      'berth_labs{phase="terminating"} 0',
      'berth_labs{phase="terminated"} 0',
      'berth_labs{phase="failed"} 1',
    ]);
    expect(await lines('berth_labs_spawns_total{')).toEqual([
      'berth_labs_spawns_total{end="succeeded",image="w1"} 2',
      'berth_labs_spawns_total{end="failed",image="w1"} 1',
    ]);
    expect(await lines('berth_labs_spawn_duration_seconds_count{')).toEqual([
      'berth_labs_spawn_duration_seconds_count{end="succeeded",size="small"} 2',
      'berth_labs_spawn_duration_seconds_count{end="failed",size="small"} 1',
    ]);
    expect(await metrics.print()).not.toMatch(/amy|ben|cyd|dot/);
    expect(ends().map(({ fields }) => [fields['user'], fields['end']])).toEqual([
      ['amy', 'succeeded'],
      ['ben', 'failed'],
      ['cyd', 'succeeded'],
    ]);
    // So that an alert made of such a line says whose lab it is (contract 11.5).
    const recorded = runtime.log.lines.filter(({ message }) => message === 'lab recorded');
    expect(recorded.length).toBeGreaterThan(2);
    for (const { fields } of recorded) expect(fields['user']).toBe(fields['lab']);
    expect(ends()[0]?.fields).toMatchObject({
      image: imageOf('lab'),
      elapsed: expect.any(Number) as number,
      cpu_limit: 1,
      cpu_request: 0.25,
      memory_limit: 3_221_225_472,
      memory_request: 805_306_368,
    });
  });

  it('keeps figures of the tags that were used last, however many there are', async () => {
    const bus = runtime.get(EventBus);
    for (let day = 0; day < 150; day += 1)
      for (const imageTag of ['w1', `d${day}`])
        bus.publish(new SpawnEnded({ ...{ lab: 'x', username: 'x', size: 'small' }, ...ENDED, imageTag }));

    const told = await lines('berth_labs_spawns_total{');
    expect(told.length).toBeLessThanOrEqual(200);
    expect(told.filter((line) => line.includes('"w1"'))).toEqual([
      'berth_labs_spawns_total{end="succeeded",image="w1"} 152',
      'berth_labs_spawns_total{end="failed",image="w1"} 1',
    ]);
    expect(told).toContain('berth_labs_spawns_total{end="succeeded",image="d149"} 1');
    expect(told.join()).not.toContain('"d0"');
  });

  it('counts no spawn for what is cancelled', async () => {
    await runtime.labs.create(aCreate('eve', 'hanging'));
    await runtime.labs.remove('eve');
    await runtime.labs.remove('dot');

    expect(ends()).toHaveLength(3);
    expect(await lines('berth_labs{phase="pending"}')).toEqual(['berth_labs{phase="pending"} 0']);
  });
});
