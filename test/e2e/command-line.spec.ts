import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';

describe('the built command line', () => {
  it('ends without a word when nobody reads what it prints any more', async () => {
    const berth = spawn(process.execPath, ['dist/main.js', 'help']);
    let said = '';
    berth.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));

    berth.stdout.destroy();

    expect(await once(berth, 'close')).toEqual([141, null]);
    expect(said).toBe('');
  });
});
