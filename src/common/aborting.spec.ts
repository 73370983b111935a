import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';

import { onAbort } from './aborting.js';

describe('onAbort', () => {
  it('calls back everybody who still waits, once', () => {
    const controller = new AbortController();
    const called: string[] = [];
    onAbort(controller.signal, () => called.push('first'));
    const takeBack = onAbort(controller.signal, () => called.push('second'));
    onAbort(controller.signal, () => called.push('third'));
    takeBack();

    controller.abort();
    controller.abort();

    expect(called).toEqual(['first', 'third']);
  });

  it('calls back at once when the signal is aborted already', () => {
    const called: string[] = [];
    const takeBack = onAbort(AbortSignal.abort(), () => called.push('now'));
    expect(called).toEqual(['now']);
    takeBack();
  });

  it('puts one listener on the signal, however many wait', () => {
    const { signal } = new AbortController();
    for (let nth = 0; nth < 100; nth += 1) onAbort(signal, () => undefined);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  });
});
