import { describe, expect, it } from 'vitest';
import { connectionFromKubeconfig } from './actors/index.js';
import { startCluster } from './cluster.js';
import { Complaint, sentence, settings } from './command-line.js';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Probe, isRunning } from './actors/testing.js';

describe('startCluster', () => {
  it('joins registry and kubelets: a tag runs under the digest that the registry answers', async () => {
    const cluster = await startCluster({ nodes: 1, registry: {}, identity: {} });
    const probe = new Probe(cluster.api);
    const { registry } = cluster;
    await probe.when('/api/v1/namespaces/berth/serviceaccounts/default', () => true);
    const containers = [{ name: 'notebook', image: `${registry?.host ?? ''}/berth/lab:recommended` }];
    await probe.pod('berth', 'lab', { containers });

    const pod = await probe.podWhen('berth', 'lab', isRunning);

    const imageID = pod.status?.containerStatuses?.[0]?.imageID ?? '';
    expect(imageID.split('@')[1]).toBe(registry?.tags.get('w_2026_46'));
    expect(cluster.identity?.repertoireUrl).toMatch(/\/repertoire$/);
    await probe.client.close();
    await cluster.close();
  });

  it('leaves nothing running when a part can not start', async () => {
    const first = await startCluster({ nodes: 0 });

    await expect(startCluster({ nodes: 0, identity: { port: first.api.port } })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });

    await first.close();
    const again = await startCluster({ nodes: 0, port: first.api.port });
    await again.close();
  });

  it('writes a kubeconfig that its own actors can read', async () => {
    const cluster = await startCluster({ nodes: 0 });
    const folder = mkdtempSync(join(tmpdir(), 'simulator-'));
    const file = join(folder, 'kubeconfig');
    writeFileSync(file, JSON.stringify(cluster.kubeconfig('berth')));

    expect(connectionFromKubeconfig(file).url).toBe(cluster.api.url);

    rmSync(folder, { recursive: true });
    await cluster.close();
  });
});

describe('settings', () => {
  it('reads the flags', () => {
    expect(settings(['--port', '0', '--kubeconfig', 'k', '--nodes', '5'])).toEqual({
      port: 0,
      kubeconfig: 'k',
      nodes: 5,
      timeScale: 1,
      instant: false,
    });
  });

  it.each([
    [['--bogus'], 'Unknown option'],
    [[], '--kubeconfig names the file to write'],
    [['--kubeconfig', 'k', '--port', '99999'], '--port must be a whole number from 0 to 65535, not "99999"'],
    [['--kubeconfig', 'k', '--nodes', 'many'], '--nodes must be a whole number'],
    [['--kubeconfig', 'k', '--time-scale', ''], '--time-scale must be a number'],
  ])('refuses %j in one sentence', (argv, words) => {
    expect(() => settings(argv)).toThrow(Complaint);
    expect(() => settings(argv)).toThrow(words);
  });

  it('says what to do about a port in use', () => {
    expect(sentence(Object.assign(new Error('listen'), { code: 'EADDRINUSE' }))).toBe(
      'The port is in use: choose another one with --port, or 0 for any free one.',
    );
  });
});
