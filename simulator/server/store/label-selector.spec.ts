import { describe, expect, it } from 'vitest';

import { parseLabelSelector } from './label-selector.js';

describe('parseLabelSelector', () => {
  const labels = { app: 'lab', tier: 'web', 'berth.dev/state': 'stopped' };

  it.each([
    ['app=lab', true],
    ['app==lab', true],
    ['app!=lab', false],
    ['none!=lab', true],
    ['app in (lab, files)', true],
    ['app notin (lab)', false],
    ['none notin (lab)', true],
    ['app', true],
    ['!app', false],
    ['!none', true],
    ['app=lab,tier in (db,web),!none', true],
    ['app=lab,tier=db', false],
    ['berth.dev/state=stopped', true],
    ['app=', false],
  ])('%s chooses: %s', (selector, wanted) => {
    expect(parseLabelSelector(selector)?.(labels)).toBe(wanted);
  });

  it('chooses everything when empty', () => {
    expect(parseLabelSelector('')).toBeUndefined();
  });

  it.each(['a b', 'a===b', 'a in b', '-a=b'])('refuses %j with 400', (selector) => {
    expect(() => parseLabelSelector(selector)).toThrow(expect.objectContaining({ code: 400 }));
  });
});
