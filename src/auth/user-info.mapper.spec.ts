import { describe, expect, it } from 'vitest';
import { toUserInfo } from './user-info.mapper.js';

const quotaOf = (cpu: number, memory: number) =>
  toUserInfo({ username: 'rachel', quota: { notebook: { cpu, memory } } }).quota;

describe('toUserInfo', () => {
  it.each([1e300, 1e20, 1e13])('keeps a quota usable that is meant to be no bound (%d)', (much) => {
    const most = Number.MAX_SAFE_INTEGER;

    expect(quotaOf(much, much)).toEqual({ cpu: most, memory: most, spawn: true });
  });

  it('keeps a quota below zero, which permits nothing', () => {
    expect(quotaOf(-1, -1)).toMatchObject({ cpu: -1000, memory: -(2 ** 30) });
  });
});
