import { afterEach, describe, expect, it } from 'vitest';
import { startCluster } from '../../simulator/cluster.js';
import type { Cluster } from '../../simulator/cluster.js';
import { BerthProcess } from '../support/berth-process.js';
import { aPlatform } from '../support/platform.js';
import { until } from '../support/until.js';

/** More than one page of a list. */
const PODS = 600;

describe('a start', () => {
  let cluster: Cluster;
  let berth: BerthProcess | undefined;

  afterEach(async () => {
    await berth?.dispose();
    await cluster.close();
  });

  it('costs fewer than twenty requests, however much there is', async () => {
    // No node: what is prepulled is no part of a start.
    cluster = await startCluster({ nodes: 0, registry: {}, identity: {}, namespaces: ['berth', 'crowd'] });
    await crowd(cluster);
    berth = await BerthProcess.prepare(aPlatform(cluster));
    await berth.start();
    await berth.terminate();
    const asked: string[] = [];
    cluster.api.onRequest(({ userAgent, verb, resource }) => {
      if (userAgent.startsWith('berth/')) asked.push(`${verb} ${resource}`);
    });

    await berth.start();
    // The last: it begins where another watch has come to.
    await until(() => asked.includes('watch events'), 'the watch of pod events');

    // The lease is renewed for ever; taking it is one more.
    expect(asked.filter((one) => !one.endsWith('leases')).sort()).toEqual([
      'create configmaps',
      'create labs',
      'create selfsubjectrulesreviews',
      'create selfsubjectrulesreviews',
      'get customresourcedefinitions',
      'get customresourcedefinitions',
      'list events',
      'watch events',
      'watch labs',
      'watch labs',
      'watch namespaces',
      'watch networkpolicies',
      'watch nodeimages',
      'watch nodes',
      'watch pods',
      'watch pods',
      'watch secrets',
      'watch services',
    ]);
  });
});

/** Pods that look like labs' and that nobody schedules. */
async function crowd({ api }: Cluster): Promise<void> {
  const spec = { schedulerName: 'nobody', containers: [{ name: 'notebook', image: 'any' }] };
  const labels = { 'nublado.lsst.io/category': 'lab' };
  const make = async (index: number): Promise<void> => {
    const body = JSON.stringify({ metadata: { name: `crowd-${index}`, labels }, spec });
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${api.url}/api/v1/namespaces/crowd/pods`, { method: 'POST', headers, body });
    expect(answer.status).toBe(201);
  };
  await Promise.all(Array.from({ length: PODS }, (_, index) => make(index)));
}
