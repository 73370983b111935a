import { describe, expect, it } from 'vitest';

import { aLab, aRecord, entry, progress } from '../../test/gen/observed.js';
import type { ActorContext } from './actor.context.js';
import type { Lab } from './lab.js';
import type { LabView } from './lab.view.js';
import { LabsProgress } from './labs.progress.js';
import type { LabsReadiness } from './labs.readiness.js';

const COMPLETE = aLab({
  record: aRecord({
    operation: progress({ last: 2, ended: 'succeeded' }),
    ledger: [entry(2, { event: 'complete', reason: 'complete' })],
  }),
});

/** Live reads answer in turn with `live`; nothing more is told by the cache, which holds `cached`. */
function progressOf(cached: Lab | undefined, live: readonly Lab[]): LabsProgress {
  const answers = [...live];
  const view = { labs: { onChange: () => () => undefined, find: () => cached, list: () => [] } };
  const readiness = {
    hold: () => Promise.resolve(),
    confirmed: () => Promise.resolve(answers.length > 1 ? answers.shift() : answers[0]),
  };
  const context = {
    settings: { berth: { streams: { perUser: 20 }, queue: { concurrency: 1 } } },
    clock: { after: () => () => undefined, monotonic: () => 0 },
  };
  return new LabsProgress(
    view as unknown as LabView,
    readiness as unknown as LabsReadiness,
    context as unknown as ActorContext,
  );
}

async function read(labs: LabsProgress): Promise<readonly string[]> {
  const stream = await labs.open('rachel', undefined);
  const reasons: string[] = [];
  for await (const { entry: told } of stream.items()) reasons.push(told.reason);
  return reasons;
}

describe('LabsProgress', () => {
  it('tells the end that came while the live read was on its way', async () => {
    expect(await read(progressOf(COMPLETE, [aLab()]))).toEqual(['spawn_accepted', 'complete']);
  });

  it('reads again what left the cache while the live read was on its way', async () => {
    expect(await read(progressOf(undefined, [aLab(), COMPLETE]))).toEqual(['spawn_accepted', 'complete']);
  });
});
