import type { IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.js';
import { MemoryLog } from '../../test/support/memory-log.js';
import { startStub } from '../../test/support/stub-server.js';
import type { StubServer } from '../../test/support/stub-server.js';
import { until } from '../../test/support/until.js';
import { AlertingLog } from './alerting-log.js';
import { SlackAlerts } from './slack-alerts.js';
import { slackMessage } from './slack-message.js';

const textOf = async (message: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const chunk of message) text += String(chunk);
  return text;
};

describe('alerts to Slack', () => {
  let slack: StubServer;
  let clock: FakeClock;
  let bodies: string[];
  let lost: unknown[];
  let lines: MemoryLog;
  let log: AlertingLog;
  let status: number;
  let answered: Promise<void>;

  beforeEach(async () => {
    clock = new FakeClock();
    bodies = [];
    lost = [];
    status = 200;
    answered = Promise.resolve();
    slack = await startStub(async (request) => {
      bodies.push(await textOf(request));
      await answered;
      return { status };
    });
    lines = new MemoryLog();
    const alerts = new SlackAlerts(`${slack.url}/hook`, 'Nublado', clock, (error) => lost.push(error));
    log = new AlertingLog(lines, alerts);
  });

  afterEach(async () => {
    await slack.close();
  });

  it('are sent for errors, and only for those', async () => {
    log.info('lab started');
    log.warn('registry slow');
    log.child({ room: 'labs' }).error('lab failed', { user: 'rachel', reason: 'cpu_short' });
    await until(() => bodies.length === 1);

    expect(slack.seen).toEqual(['POST /hook']);
    expect(JSON.parse(bodies[0]!)).toMatchObject({
      blocks: [
        { type: 'section', text: { type: 'mrkdwn', text: 'Error in Nublado: lab failed', verbatim: true } },
        { type: 'section' },
        { type: 'divider' },
      ],
    });
    expect(bodies[0]).toContain('*User*\\nrachel');
    expect(bodies[0]).toContain('*room*\\nlabs');
    expect(lines.lines.map(({ level }) => level)).toEqual(['info', 'warn', 'error']);
  });

  it('tell one kind of trouble once in five minutes, and then how often it was', async () => {
    for (let time = 0; time < 50; time += 1) log.error('lab failed', { user: `user-${String(time)}` });
    await until(() => bodies.length === 1);
    await clock.advance(300_000);
    log.error('lab failed', { user: 'rachel' });
    await until(() => bodies.length === 2);

    expect(bodies[1]).toContain('49 more like it');
  });

  it('are ten in five minutes at most, whatever burns', async () => {
    for (let kind = 0; kind < 100; kind += 1) log.error(`trouble ${String(kind)}`);
    await until(() => bodies.length === 10);
    await clock.advance(300_000);
    log.error('trouble 99');
    await until(() => bodies.length === 11);

    expect(bodies[10]).toContain('1 more like it');
  });

  it('hold no secrets, no objects and no stacks', async () => {
    const error = new Error('refused: password=hunter2');
    log.error('it broke', { token: 'gt-secret', env: 'A=b', error, body: { whole: 'object' } });
    await until(() => bodies.length === 1);

    expect(bodies[0]).toContain('refused');
    expect(bodies[0]).not.toMatch(/hunter2|gt-secret|A=b|whole|slack-alerts\.spec/);
  });

  it('are lost quietly when Slack does not take them', async () => {
    status = 500;
    log.error('it broke');
    await until(() => lost.length === 1);

    expect(String(lost[0])).toContain('500');
    expect(lines.lines).toHaveLength(1);
  });

  it('are given up after twenty seconds when Slack does not answer', async () => {
    answered = new Promise(() => undefined);
    log.error('it broke');
    await until(() => bodies.length === 1);

    await clock.advance(20_000);

    await until(() => lost.length === 1);
    expect(clock.pending).toBe(0);
  });
});

describe('slackMessage', () => {
  it('escapes and fits whatever it is given', () => {
    const facts = Object.fromEntries(
      Array.from({ length: 30 }, (_, index) => [`fact${String(index)}`, '<&>'.repeat(5000)]),
    );
    const message = slackMessage('Nublado', {
      summary: '<script>',
      at: new FakeClock().now(),
      facts: { ...facts, error: '&'.repeat(9000) },
      kept: 0,
    }) as { blocks: { text?: { text: string }; fields?: { text: string }[] }[] };

    const texts = message.blocks.flatMap(({ text, fields = [] }) => [
      ...(text ? [text.text] : []),
      ...fields.map((one) => one.text),
    ]);
    expect(message.blocks[1]?.fields).toHaveLength(10);
    for (const text of texts) {
      expect(text.length).toBeLessThanOrEqual(3000);
      expect(text).not.toMatch(/[<>]|&(?!(amp|lt|gt);)/);
    }
  });
});
