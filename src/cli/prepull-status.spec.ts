import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApi } from '../../test/support/api-app.js';
import type { ApiApp } from '../../test/support/api-app.js';
import { aCell, aNodeView, anImageView } from '../../test/support/prepulls-double.js';
import { parseCommand } from './command.js';
import { runPrepullStatus } from './prepull-status.js';

describe('berth prepull status', () => {
  let api: ApiApp;

  beforeAll(async () => {
    api = await startApi();
    const failed = aCell({ digest: 'sha256:2', state: 'failed', reason: 'disk_full', attempts: 2 });
    const tainted = { eligible: false, comment: 'Node is tainted (NoSchedule, gpu)', images: [] };
    api.prepulls.nodes = [aNodeView('node-1', { images: [aCell(), failed] }), aNodeView('node-2', tainted)];
    const pending = { tag: 'w_2', digest: 'sha256:2', prepulled: false, nodes: [], missing: ['node-1'] };
    api.prepulls.images = [anImageView(), anImageView({ ...pending, pulls: undefined })];
  });

  afterAll(async () => {
    await api.app.close();
  });

  async function run(url: string, token?: string): Promise<{ code: number; out: string[]; err: string[] }> {
    const [out, err]: [string[], string[]] = [[], []];
    const io = { out: (line: string) => void out.push(line), err: (line: string) => void err.push(line) };
    const code = await runPrepullStatus({ url, token, user: undefined }, io);
    return { code, out, err };
  }

  it('prints the images, and each node with what it lacks and why', async () => {
    const { code, out } = await run(`${api.url}/nublado/`, 'gt-admin-for-the-demo-only');

    expect(code).toBe(0);
    expect(out).toEqual([
      '2 images, 2 nodes, 0 pulls under way at 2026-11-21T18:00:00.000Z',
      '',
      'IMAGE  STATE      NODES      ELIGIBLE   PULLS',
      'w_1    prepulled  1 have it  0 lack it  pulled in 95 s, at most 95 s',
      'w_2    pending    0 have it  1 lack it',
      '',
      'NODE    IMAGE  STATE',
      'node-1  w_1    present (listed) since 2026-11-21T18:00:00.000Z',
      'node-1  w_2    failed (disk_full, 2 times in a row) since 2026-11-21T18:00:00.000Z',
      'node-2  -      Node is tainted (NoSchedule, gpu)',
    ]);
  });

  it('says who may ask, where Berth is not, and what is no address', async () => {
    const refused = await run(`${api.url}/nublado`, 'nobody');
    const elsewhere = await run(api.url, 'gt-admin-for-the-demo-only');
    const away = await run('http://127.0.0.1:1');
    const nowhere = await run('somewhere');

    expect(refused.err.join()).toContain('an admin may ask');
    expect(elsewhere.err.join()).toContain('path prefix in --url');
    expect(away.err.join()).toContain('cannot be asked');
    expect(nowhere.err.join()).toContain('--url says where it is');
    expect([refused, elsewhere, away].map(({ code }) => code)).toEqual([1, 1, 1]);
  });

  it('understands its words and flags', () => {
    const asked = parseCommand(['prepull', 'status', '--user', 'ada'], { BERTH_TOKEN: 't' });

    expect(asked).toEqual({
      kind: 'prepullStatus',
      options: { url: 'http://127.0.0.1:8080/nublado', user: 'ada', token: 't' },
    });
    expect(parseCommand(['prepull'], {})).toMatchObject({ kind: 'problem' });
    expect(parseCommand(['prepull', 'status', '--port', '1'], {})).toMatchObject({ kind: 'problem' });
  });
});
