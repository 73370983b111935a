import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { SPAWN, aLab, aRecord, aWish, after, entry, progress, stopWish } from '../../test/gen/observed.js';
import { wireLife } from './lab.mapper.js';
import { pastAfter } from './lab.past.js';

const OOM = {
  reason: 'oom_killed',
  cause: 'Out of memory',
  remedy: 'Choose a larger size',
  who: null,
} as const;
const failed = { phase: 'failed', tellings: [], lifeEnd: 'oom_killed', failure: OOM } as const;
const stopped = { phase: 'stopped', tellings: [], lifeEnd: 'stopped' } as const;
const LIVED = aRecord({
  phase: 'running',
  operation: progress({ ended: 'succeeded' }),
  ledger: [entry(2)],
});

describe('pastAfter', () => {
  it('adds nothing while the life goes on', () => {
    expect(pastAfter(aLab({ record: LIVED }), { phase: 'running', tellings: [] }, after(9))).toEqual([]);
  });

  it('adds a life with its end, its cause and what helps', () => {
    expect(pastAfter(aLab({ record: LIVED }), failed, after(90))).toEqual([
      {
        operationId: SPAWN,
        image: 'reg/lab:w1@sha256:1',
        size: 'small',
        startedAt: after(2),
        endedAt: after(90),
        end: 'oom_killed',
        cause: 'Out of memory',
        remedy: 'Choose a larger size',
      },
    ]);
  });

  it('tells of a life that somebody stopped what had gone wrong in it', () => {
    const record = { ...LIVED, failure: { ...OOM, at: after(50) } };

    const past = pastAfter(aLab({ wish: stopWish(), record }), stopped, after(200));

    expect(past).toMatchObject([{ operationId: SPAWN, end: 'stopped', cause: 'Out of memory' }]);
  });

  it('adds a life once, whoever tells of its end', () => {
    const past = pastAfter(aLab({ record: LIVED }), failed, after(90));

    const again = pastAfter(aLab({ wish: stopWish(), record: { ...LIVED, past } }), stopped, after(200));

    expect(again).toEqual(past);
  });

  it('keeps the last ten', () => {
    const [life] = pastAfter(aLab({ record: LIVED }), failed, after(90));
    const past = Array.from({ length: 10 }, (_, index) => ({ ...life!, operationId: `earlier${index}` }));

    const longer = pastAfter(aLab({ record: { ...LIVED, past } }), failed, after(90));

    expect(longer).toHaveLength(10);
    expect(longer[0]?.operationId).toBe('earlier1');
    expect(longer[9]?.operationId).toBe(SPAWN);
  });

  it('keeps the end of the last words of a crash, and gives up the digest of the image for it', () => {
    const image = { ...aWish().image, reference: `reg/lab:w1@sha256:${'1'.repeat(64)}` };
    const lab = aLab({ wish: aWish({ image }), record: LIVED });
    const cause = `The lab ended: Error (${'File lab.py, line 7 '.repeat(14)}Disk quota exceeded)`;
    const crash = { ...OOM, reason: 'pod_ended', cause };

    const [life] = pastAfter(lab, { ...failed, lifeEnd: 'pod_ended', failure: crash }, after(90));

    expect(life?.image).toBe('reg/lab:w1');
    expect(life?.cause).toMatch(/^The lab ended: Error \(…?.*line 7 Disk quota exceeded\)$/);
    expect(life?.remedy).toBe(OOM.remedy);
  });

  it('keeps the end of what a runtime said, however it came to be the cause', () => {
    const cause = `Container notebook cannot be started (${'failed to create shim task: '.repeat(12)}error mounting "/home")`;
    const failure = { ...OOM, reason: 'container_config_error', cause };

    const [life] = pastAfter(aLab({ record: LIVED }), { ...failed, failure }, after(90));

    expect(life?.cause).toMatch(/^Container notebook cannot be started \(….*error mounting "\/home"\)$/);
  });

  it('keeps the beginning of an explanation', () => {
    const cause = `The quota has no room (${'exceeded quota: q, '.repeat(30)})`;
    const refusal = { ...OOM, reason: 'quota_exceeded', cause };

    const [life] = pastAfter(aLab({ record: LIVED }), { ...failed, failure: refusal }, after(90));

    expect(life?.cause).toMatch(/^The quota has no room \(exceeded quota.*…$/);
  });

  it('never lets a life take more than 512 bytes, and cuts what is needed least', () => {
    const text = fc.string({ unit: 'binary', maxLength: 1500 });
    const size = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 63 });
    fc.assert(
      fc.property(text, text, text, size, (reference, cause, remedy, named) => {
        const image = { ...aWish().image, reference };
        const lab = aLab({ wish: aWish({ image, size: named }), record: LIVED });

        const [life] = pastAfter(lab, { ...failed, failure: { ...OOM, cause, remedy } }, after(90));

        expect(Buffer.byteLength(JSON.stringify(wireLife(life!)))).toBeLessThanOrEqual(512);
        expect(life).toMatchObject({ operationId: SPAWN, end: 'oom_killed' });
        if (life?.remedy !== remedy) expect(life?.cause?.endsWith('…') || life?.cause?.length).toBeTruthy();
      }),
    );
  });
});
