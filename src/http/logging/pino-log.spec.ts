import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { until } from '../../../test/support/until.js';
import { SystemClock } from '../../common/clock.js';
import { seconds } from '../../common/units.js';
import type { Run } from '../../reconcile/index.js';
import { KeyedQueue, settled } from '../../reconcile/index.js';
import { Secret } from '../../config/index.js';
import { NestLog } from './nest-log.js';
import { PinoLog } from './pino-log.js';
import type { LogLevel } from './pino-log.js';

const TOKEN = 'gt-Wp1EPvnD4y5b0Qjy1Zq2Lw.zNq0_Kq9u1mQm3n8XQx7aA';

function openLog(level: LogLevel = 'debug', shape: 'lines' | 'pretty' = 'lines') {
  const written: string[] = [];
  const log = PinoLog.open({ level, shape, destination: { write: (line) => void written.push(line) } });
  const lines = () => written.map((line) => JSON.parse(line) as Record<string, unknown>);
  return { log, written, lines };
}

describe('PinoLog', () => {
  it('writes one JSON object a line: time, level, message, fields', () => {
    const { log, lines } = openLog();

    log.child({ room: 'labs' }).warn('lab failed', { user: 'rachel', reason: 'image_missing' });

    expect(lines()).toEqual([
      {
        level: 'warn',
        time: expect.stringMatching(/^\d{4}-.*Z$/) as unknown,
        message: 'lab failed',
        room: 'labs',
        user: 'rachel',
        reason: 'image_missing',
      },
    ]);
  });

  it.each([
    ['debug', 4],
    ['info', 3],
    ['warning', 2],
    ['error', 1],
    ['critical', 0],
  ] as const)('writes at level %s what is that grave', (level, count) => {
    const { log, written } = openLog(level);

    log.debug('a');
    log.info('b');
    log.warn('c');
    log.error('d');

    expect(written).toHaveLength(count);
  });

  it('spells out errors with their causes', () => {
    const { log, lines } = openLog();

    log.error('spawn failed', { error: new Error('outer', { cause: new TypeError('inner') }) });

    expect(lines()[0]).toMatchObject({
      error: { name: 'Error', message: 'outer', cause: { name: 'TypeError', message: 'inner' } },
    });
  });

  it('keeps a URL that is none to itself', () => {
    const { log, written } = openLog();
    const parse = (): unknown => new URL('/services/plain', 'hooks.example.org/plain');

    try {
      parse();
    } catch (error) {
      log.warn('alert was not taken', { error });
    }

    expect(written.join()).toContain('Invalid URL');
    expect(written.join()).not.toContain('plain');
  });

  it.each([
    ['a field of a telling name', { token: 'plain' }],
    ['a deep field of a telling name', { request: { headers: { Authorization: 'plain' } } }],
    ['an environment', { env: { HOME_MADE: 'plain' } }],
    ['a secret that knows itself', { value: new Secret('plain') }],
    ['a token in a text', { path: `/somewhere/${TOKEN.replace('gt-', 'gt-plain')}` }],
    ['a header in a text', { said: 'sent Authorization: Bearer plainplain' }],
    ['a URL in a text', { said: 'no answer of https://user:plain@plain@proxy:3128/' }],
    ['an assignment in a text', { said: 'started with DB_PASSWORD=plainplain' }],
    ['a query in a text', { said: 'GET /api?token=plainplain&follow=true' }],
    ['a message of an error', { error: new Error('Bearer plainplain was refused') }],
    ['a cause', { error: new Error('x', { cause: new Error(`basic plainplain`) }) }],
    ['a list', { list: [{ password: 'plain' }] }],
  ])('hides what is secret in %s', (_where, fields) => {
    const { log, written } = openLog();

    log.info('line', fields);
    log.child(fields).info('line');

    expect(written.join('')).not.toContain('plain');
    expect(written.join('')).toMatch(/redacted|\[secret\]/);
  });

  it.each([
    'registry.example.org:5000/science/lab:w_2026_46@sha256:0123456789abcdef',
    'GET https://10.96.0.1:443/api/v1/namespaces/userlabs-rachel/secrets?labelSelector=a%3Db',
    'oci://lab@sha256:0123456789abcdef of rachel@example.org',
    'Secret site-secret, named by the configuration, has no key token',
    'the token: it has expired; set berth.auth.proxySecret',
  ])('leaves alone what only looks a little like it: %s', (text) => {
    const { log, lines } = openLog();

    log.info(text, { text });

    expect(lines()[0]).toMatchObject({ message: text, text });
  });

  it('never throws, whatever it is given', () => {
    const { log, written } = openLog();
    const loop: Record<string, unknown> = {};
    loop['self'] = loop;
    const broken = new Date(Number.NaN);

    log.info('odd', {
      loop,
      broken,
      big: 1n,
      symbol: Symbol('s'),
      call: () => 1,
      map: new Map([[1, TOKEN]]),
    });
    fc.assert(fc.property(fc.dictionary(fc.string(), fc.anything()), (fields) => log.info('any', fields)));

    expect(written.join('')).not.toContain(TOKEN);
  });

  it('names the reconcile run once on each of its lines', async () => {
    const { log, lines, written } = openLog();
    const reconciler = {
      reconcile: (_: string, run: Run) => {
        run.log.info('deep inside');
        return Promise.resolve(settled);
      },
    };
    const clock = new SystemClock();
    const queue = new KeyedQueue<string>(reconciler, { name: 'labs', concurrency: 1, clock, log });

    queue.start();
    queue.add('rachel');
    await until(() => written.length === 2);
    await queue.drain(seconds(1));

    for (const line of lines()) expect(line).toMatchObject({ queue: 'labs', key: 'rachel' });
    for (const line of written) expect(line.match(/"reconcileId":/g)).toHaveLength(1);
  });

  it('is readable where a person reads it', () => {
    const { log, written } = openLog('info', 'pretty');

    log.info('request', { status: 200 });

    expect(written.join('')).toMatch(/INFO.*request.*status/s);
  });

  it('lets the framework speak through it', () => {
    const { log, lines } = openLog();

    new NestLog(log).error(new Error('boom'), 'ExceptionsHandler');

    expect(lines()[0]).toMatchObject({
      level: 'error',
      context: 'ExceptionsHandler',
      error: { message: 'boom' },
    });
  });
});
