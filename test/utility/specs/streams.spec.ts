import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { constants, createGunzip } from 'node:zlib';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { startApi } from '../../support/api-app.js';
import type { ApiApp } from '../../support/api-app.js';
import { Story } from '../../support/labs-double.js';
import { callers } from '../../support/matrix.js';
import { until } from '../../support/until.js';
import { Nginx } from '../support/nginx.js';
import { describeWith } from '../support/tools.js';

const PATH = '/nublado/spawner/v1/labs/rachel/events';
const EVENTS = 20;
/** What holds streams back, if it can: more room than all events together need. */
const BUFFERING = ['proxy_buffering on;', 'proxy_buffers 16 64k;', 'proxy_buffer_size 64k;'];
const GZIP = ['gzip on;', 'gzip_proxied any;', 'gzip_min_length 0;', 'gzip_types text/event-stream;'];

/** A stream as a client has it so far. */
interface Reading {
  readonly encoding: string | undefined;
  readonly text: () => string;
  readonly hasEnded: () => boolean;
}

async function read(url: string): Promise<Reading> {
  const headers = { ...callers.user, 'accept-encoding': 'gzip' };
  const asked = request(url, { headers, agent: false }).end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  const encoding = answer.headers['content-encoding'];
  const plain = encoding === 'gzip' ? answer.pipe(createGunzip({ flush: constants.Z_SYNC_FLUSH })) : answer;
  const seen = { text: '', hasEnded: false };
  plain.on('data', (chunk: Buffer) => (seen.text += chunk.toString()));
  plain.on('end', () => (seen.hasEnded = true));
  return { encoding, text: () => seen.text, hasEnded: () => seen.hasEnded };
}

describeWith(['nginx'], 'a progress stream behind nginx', () => {
  let api: ApiApp;
  let nginx: Nginx | undefined;

  beforeAll(async () => {
    api = await startApi();
  });

  afterEach(async () => {
    // What a failed case left open must not hold up the end.
    api.labs.stories.get('rachel')?.end();
    await nginx?.stop();
    nginx = undefined;
  });

  afterAll(async () => {
    await api.app.close();
  });

  /**
   * @promise nothing is hidden
   * @fault nginx buffers, or buffers and compresses, what it is asked to pass on
   * @outcome every event arrives before the next one happens
   */
  it.each([
    ['that buffers', 'identity', BUFFERING],
    ['that buffers and speaks HTTP/1.0 to us', 'identity', [...BUFFERING, 'proxy_http_version 1.0;']],
    ['that buffers and compresses', 'gzip', [...BUFFERING, ...GZIP]],
  ])(
    'passes through one %s, event by event',
    async (_what, encoding, directives) => {
      nginx = await Nginx.start(`location / { proxy_pass ${api.url}; ${directives.join(' ')} }`);
      const story = new Story();
      api.labs.stories.set('rachel', story);

      const reading = await read(nginx.url + PATH);
      for (let number = 1; number <= EVENTS; number += 1) {
        story.tell(number, `event ${number} of ${EVENTS}`);
        await until(() => reading.text().includes(`event ${number} of ${EVENTS}`), `event ${number}`);
      }
      story.end();
      await until(reading.hasEnded, 'the end of the stream');

      expect(reading.encoding ?? 'identity').toBe(encoding);
      expect(reading.text().match(/^event: /gm)).toHaveLength(EVENTS);
    },
    60_000,
  );
});
