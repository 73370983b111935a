import { describe, expect, it } from 'vitest';

import { entry } from '../../../test/gen/observed.js';
import type { LedgerEntry } from '../lab.js';
import { eventsOf } from './progress.dto.js';

async function* told(entries: readonly LedgerEntry[]) {
  for (const one of entries) yield await Promise.resolve({ id: `spawnaaaaa-${one.number}`, entry: one });
}

async function read(...entries: readonly LedgerEntry[]): Promise<readonly unknown[]> {
  const stream = { items: () => told(entries), close: () => undefined };
  const data: unknown[] = [];
  for await (const event of eventsOf(stream, 'contract').events()) data.push(event.data);
  return data;
}

describe('the plain stream', () => {
  const why = { remedy: 'Choose a larger size', who: 'user', evidence: 'exit code 137' } as const;

  it('says what was seen and what helps, as whoever reads it sees nothing else', async () => {
    const data = await read(
      entry(2, { message: 'Pulling', progress: 35 }),
      entry(3, { ...why, message: 'Container notebook used more memory than it may', progress: 35 }),
    );

    expect(data).toEqual([
      { message: 'Pulling', progress: 35 },
      {
        message: 'Container notebook used more memory than it may (exit code 137). Choose a larger size',
        progress: 35,
      },
    ]);
  });

  it('ends with the cause, what was seen of it and what helps, then with the contract’s word', async () => {
    const data = await read(
      entry(4, { ...why, event: 'error', message: 'The lab crashed again and again' }),
      entry(5, { ...why, event: 'failed', message: 'Lab spawn failed' }),
    );

    expect(data).toEqual([
      { message: 'The lab crashed again and again (exit code 137). Choose a larger size' },
      { message: 'Lab spawn failed' },
    ]);
  });
});
