import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApi } from '../../test/support/api-app.js';
import type { ApiApp } from '../../test/support/api-app.js';
import { Story } from '../../test/support/labs-double.js';
import { readStream } from '../../test/support/sse-reader.js';
import { until } from '../../test/support/until.js';
import { MetricsServer, Readiness, kubernetesObserver } from './index.js';
import { millis } from '../common/units.js';

describe('health', () => {
  let api: ApiApp;
  let metricsUrl: string;

  beforeAll(async () => {
    api = await startApi();
    const port = await api.app.get(MetricsServer).listen(0, '127.0.0.1');
    metricsUrl = `http://127.0.0.1:${String(port)}`;
  });

  afterAll(async () => {
    await api.app.close();
  });

  const get = async (url: string) => {
    const answer = await request(url);
    return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
  };
  const scrape = async (): Promise<string> => (await get(`${metricsUrl}/metrics`)).text;

  it('lives from the start, and is ready when nothing is waited for', async () => {
    let waiting: string | undefined = 'first lists are not complete';
    api.app.get(Readiness).add('informers', () => waiting);

    expect((await get(`${api.url}/health/live`)).status).toBe(200);
    const before = await get(`${api.url}/health/ready`);
    waiting = undefined;
    const after = await get(`${api.url}/health/ready`);

    expect([before.status, after.status]).toEqual([503, 200]);
    expect(JSON.parse(before.text)).toEqual({
      status: 'waiting',
      waiting: { informers: 'first lists are not complete' },
    });
  });

  it('says on the way what an operator must look at, and stays ready', async () => {
    let alert: string | undefined = 'removals are stopped';
    api.app.get(Readiness).alert('removals', () => alert);

    const before = await get(`${api.url}/health/ready`);
    alert = undefined;
    const after = await get(`${api.url}/health/ready`);

    expect([before.status, after.status]).toEqual([200, 200]);
    expect(JSON.parse(before.text)).toEqual({
      status: 'ready',
      alerts: { removals: 'removals are stopped' },
    });
    expect(JSON.parse(after.text)).toEqual({ status: 'ready' });
  });

  it('does not fill the log with probes', async () => {
    await get(`${api.url}/health/live`);
    await until(() => api.log.lines.some(({ fields }) => fields['route'] === '/health/live'));

    const levels = api.log.lines
      .filter(({ fields }) => fields['route'] === '/health/live')
      .map(({ level }) => level);
    expect(new Set(levels)).toEqual(new Set(['debug']));
  });

  it('serves metrics on a port of their own, in the text format', async () => {
    const metrics = await get(`${metricsUrl}/metrics`);

    expect(metrics.headers['content-type']).toContain('text/plain');
    expect(metrics.text).toMatch(/^berth_build_info\{version="0",node="v/m);
    expect(metrics.text).toMatch(/^nodejs_eventloop_lag_seconds /m);
    expect((await get(`${metricsUrl}/other`)).status).toBe(404);
    expect((await get(`${api.url}/metrics`)).status).toBe(404);
  });

  it('times requests by route pattern, never by user', async () => {
    await get(`${api.url}/nublado/spawner/v1/labs/somebody-special`);
    await get(`${api.url}/somewhere/unknown`);
    await until(() => api.log.lines.some(({ fields }) => fields['path'] === '/somewhere/unknown'));

    const text = await scrape();
    expect(text).toContain('_count{method="GET",route="/nublado/spawner/v1/labs/:username",status="401"} 1');
    expect(text).toContain('_count{method="GET",route="unmatched",status="404"}');
    expect(text).not.toContain('somebody-special');
  });

  it('counts streams while they are open and when they end', async () => {
    const story = new Story();
    api.labs.stories.set('rachel', story);
    const url = `${api.url}/nublado/spawner/v1/labs/rachel/events`;
    const stream = await readStream({ url, token: 'gt-rachel-for-the-demo-only' });
    expect(await scrape()).toMatch(/^berth_http_streams_open 1$/m);

    story.end();
    await stream.ended;
    await until(() => api.log.lines.some(({ fields }) => String(fields['route']).endsWith('/events')));

    const text = await scrape();
    expect(text).toMatch(/^berth_http_streams_open 0$/m);
    expect(text).toMatch(/^berth_http_streams_ended_total\{.*events"\} 1$/m);
  });

  it('counts requests to the cluster by what they were for', async () => {
    const observe = kubernetesObserver(api.metrics);
    const report = {
      verb: 'create',
      resource: 'labs',
      subresource: undefined,
      reason: 'lab-create',
    } as const;

    observe({ ...report, status: 201, duration: millis(12) });
    observe({ ...report, status: 0, duration: millis(10_000) });

    const text = await scrape();
    expect(text).toContain(
      '{verb="create",resource="labs",subresource="",reason="lab-create",status="201"} 1',
    );
    expect(text).toContain('{verb="create",resource="labs",subresource="",reason="lab-create",status="0"} 1');
  });
});
