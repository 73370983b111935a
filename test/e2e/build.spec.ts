import { readFileSync } from 'node:fs';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCluster } from '../../simulator/cluster.js';
import type { Cluster } from '../../simulator/cluster.js';
import { BerthProcess } from '../support/berth-process.js';
import { aPlatform } from '../support/platform.js';

describe('the build', () => {
  let cluster: Cluster;
  let berth: BerthProcess;

  beforeAll(async () => {
    cluster = await startCluster({ nodes: 0, registry: {}, identity: {} });
    berth = await BerthProcess.prepare(aPlatform(cluster));
    await berth.start();
  });

  afterAll(async () => {
    await berth.dispose();
    await cluster.close();
  });

  const ask = async (path: string): Promise<{ readonly status: number; readonly text: string }> => {
    const { statusCode, body } = await request(`${berth.url}/nublado/${path}`);
    return { status: statusCode, text: await body.text() };
  };

  // Putting files together may rename classes, by which schemas are called.
  it('says the same of its API as the sources do', async () => {
    const { text } = await ask('openapi.json');

    expect(JSON.parse(text)).toEqual(JSON.parse(readFileSync('openapi.json', 'utf8')));
  });

  it('finds the files of its pages', async () => {
    const { text: page } = await ask('docs');
    const files = [...page.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, file = '']) => file);

    expect(files.length).toBeGreaterThan(3);
    for (const file of files) expect((await ask(file)).status, file).toBe(200);
    expect((await ask('redoc')).text).toContain('/nublado/spawner/v1/labs');
  });
});
