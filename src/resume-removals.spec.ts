import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApiServer } from '../simulator/server/index.js';
import type { ApiServer } from '../simulator/server/index.js';
import { resumeRemovals } from './resume-removals.js';
import { StartProblem } from './start-problem.js';

const LEASES = '/apis/coordination.k8s.io/v1/namespaces/berth/leases';
const STOP = {
  reason: 'too_many_removals',
  evidence: '10 removals within an hour',
  since: '2026-01-02T03:04:05Z',
};

describe('berth resume-removals', () => {
  let server: ApiServer;
  let kubeconfig: string;

  beforeAll(async () => {
    server = await startApiServer({ namespaces: ['berth'] });
    kubeconfig = join(mkdtempSync(join(tmpdir(), 'berth-resume-')), 'kubeconfig');
    writeFileSync(kubeconfig, JSON.stringify(server.kubeconfig('berth')));
  });

  afterAll(async () => {
    await server.close();
  });

  it('says so when there is no controller', async () => {
    await expect(resumeRemovals(kubeconfig)).rejects.toBeInstanceOf(StartProblem);
  });

  it('puts an operator’s word on the Lease, and says what had stopped them', async () => {
    const annotations = { 'berth.dev/removals-stopped': JSON.stringify(STOP) };
    const body = JSON.stringify({
      metadata: { name: 'berth', annotations },
      spec: { holderIdentity: 'one' },
    });
    const headers = { 'content-type': 'application/json' };
    await fetch(server.url + LEASES, { method: 'POST', headers, body });

    const sentence = await resumeRemovals(kubeconfig);

    expect(sentence).toBe(
      'Removals go on in namespace berth. They were stopped since 2026-01-02T03:04:05Z: 10 removals within an hour.',
    );
    const [lease] = server.store.dump('leases.coordination.k8s.io');
    expect(lease?.metadata.annotations).toHaveProperty(['berth.dev/resume-removals']);
    expect(await resumeRemovals(kubeconfig)).toContain('were not stopped');
  });
});
