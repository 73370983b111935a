import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { freePorts } from '../../simulator/free-ports.js';
import { until } from '../support/until.js';

describe('the demo', () => {
  it('leaves nothing behind when it is killed', async () => {
    const [port] = await freePorts(1);
    const demo = spawn(process.execPath, ['scripts/run.mjs', 'demo', '--port', String(port)]);
    let said = '';
    demo.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await until(() => said.includes('get labs -w'), 'the end of the tour');
    const lab = /The lab +(http\S+)/.exec(said)?.[1] ?? '';
    const answers = (url: string): Promise<boolean> =>
      fetch(url).then(
        () => true,
        () => false,
      );
    const berth = `http://127.0.0.1:${String(port)}/health/live`;
    expect(await Promise.all([answers(lab), answers(berth)])).toEqual([true, true]);

    demo.kill('SIGKILL');
    await once(demo, 'exit');

    await expect.poll(() => Promise.all([answers(lab), answers(berth)])).toEqual([false, false]);
  });
});
