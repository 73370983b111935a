import { describe, expect, it } from 'vitest';
import { readTags, selectPrepulls } from './image-selection.js';
import type { SelectionSettings } from './image-selection.js';

const settings: SelectionSettings = {
  recommendedTag: 'recommended',
  numReleases: 1,
  numWeeklies: 2,
  numDailies: 1,
  pin: [],
  aliasTags: [],
};

const tags = [
  'd_2077_10_21',
  'w_2077_42',
  'w_2077_44',
  'w_2077_43',
  'd_2077_10_23',
  'r21_0_1',
  'recommended',
  'exp_a',
];

const select = (names: readonly string[], changes: Partial<SelectionSettings> = {}): readonly string[] => {
  const all = { ...settings, ...changes };
  return selectPrepulls(readTags(names, all), all).map((tag) => tag.tag);
};

describe('readTags', () => {
  it('reads the configured names as aliases and lists all in menu order', () => {
    const read = readTags(['exp_a', 'latest_weekly', 'w_2077_44', 'recommended', 'odd'], {
      ...settings,
      aliasTags: ['latest_weekly'],
    });

    expect(read.map((tag) => `${tag.type} ${tag.tag}`)).toEqual([
      'Alias recommended',
      'Alias latest_weekly',
      'Weekly w_2077_44',
      'Experimental exp_a',
      'Unknown odd',
    ]);
  });

  it('keeps only tags of the configured cycle, and the recommended tag', () => {
    const names = ['w_2077_43_c0050.002', 'w_2077_43_c0049.001', 'w_2077_44', 'latest_c0050', 'recommended'];

    expect(readTags(names, { ...settings, cycle: 50 }).map((tag) => tag.tag)).toEqual([
      'recommended',
      'w_2077_43_c0050.002',
      'latest_c0050',
    ]);
  });

  it('takes cycle 0 for a cycle', () => {
    expect(readTags(['w_2077_44', 'w_2077_43_c0000.001'], { ...settings, cycle: 0 })).toHaveLength(1);
  });
});

describe('selectPrepulls', () => {
  it('takes the newest of each kind and the recommended tag', () => {
    expect(select(tags)).toEqual(['recommended', 'r21_0_1', 'w_2077_44', 'w_2077_43', 'd_2077_10_23']);
  });

  it('adds pinned tags once, though they are among the newest', () => {
    expect(select(tags, { pin: ['w_2077_44', 'exp_a', 'gone'] })).toEqual([
      'recommended',
      'r21_0_1',
      'w_2077_44',
      'w_2077_43',
      'd_2077_10_23',
      'exp_a',
    ]);
  });

  it('counts tags for one architecture only when they are named', () => {
    const names = ['w_2077_45-amd64', 'w_2077_44', 'w_2077_43', 'w_2077_42'];

    expect(select(names)).toEqual(['w_2077_44', 'w_2077_43']);
    expect(select(names, { pin: ['w_2077_45-amd64'] })).toEqual([
      'w_2077_45-amd64',
      'w_2077_44',
      'w_2077_43',
    ]);
  });

  it('takes none of a kind whose number is 0', () => {
    expect(select(tags, { numReleases: 0, numWeeklies: 0, numDailies: 0 })).toEqual(['recommended']);
  });
});
