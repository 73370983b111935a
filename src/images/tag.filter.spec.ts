import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instant, millis } from '../common/units.js';
import { TagSieve } from './tag.filter.js';
import type { MenuFilters, TagFilter } from './tag.filter.js';
import { parseAlias, parseTag } from './tag.grammar.js';
import { sortByTag } from './tag.order.js';

const now = instant(Date.UTC(2077, 10, 1));
const day = 86_400_000;
const all = (filter: TagFilter): MenuFilters => ({
  release: filter,
  weekly: filter,
  daily: filter,
  releaseCandidate: filter,
  experimental: filter,
});

function kept(names: readonly string[], filters: MenuFilters): readonly string[] {
  const sieve = new TagSieve(filters, now);
  const tags = sortByTag(
    names.map((name) => parseTag(name)),
    (tag) => tag,
  );
  return tags.filter((tag) => sieve.exclusionOf(tag) === undefined).map(({ tag }) => tag);
}

describe('TagSieve', () => {
  it.each<[string, TagFilter, string, string | undefined]>([
    ['a build below the cutoff', { cutoffBuild: 20 }, 'w_2077_43_rsp19', 'below_cutoff_build'],
    ['a build at the cutoff', { cutoffBuild: 20 }, 'w_2077_43_rsp20', undefined],
    ['no build', { cutoffBuild: 20 }, 'w_2077_43', undefined],
    ['any build, cutoff 0', { cutoffBuild: 0 }, 'w_2077_43_rsp0', undefined],
    [
      'a date before the cutoff',
      { cutoffDate: instant(Date.UTC(2077, 9, 23)) },
      'd_2077_10_22',
      'before_cutoff_date',
    ],
    ['a date at the cutoff', { cutoffDate: instant(Date.UTC(2077, 9, 23)) }, 'd_2077_10_23', undefined],
    ['a date too old', { age: millis(7 * day) }, 'd_2077_10_24', 'before_cutoff_date'],
    ['a date just young enough', { age: millis(7 * day) }, 'd_2077_10_25', undefined],
    [
      'a date after the cutoff, but too old',
      { age: millis(day), cutoffDate: instant(0) },
      'd_2077_10_24',
      'before_cutoff_date',
    ],
    ['an experimental weekly too old', { age: millis(day) }, 'exp_w_2077_40', 'before_cutoff_date'],
    ['a release, which has no date', { age: millis(day) }, 'r22_0_0', undefined],
    ['a version below the cutoff', { cutoffVersion: '22.0.0' }, 'r21_9_9', 'below_cutoff_version'],
    ['a candidate of the cutoff', { cutoffVersion: '22.0.0' }, 'r22_0_0_rc1', 'below_cutoff_version'],
    ['the cutoff itself', { cutoffVersion: '22.0.0-rc1' }, 'r22_0_0_rc1', undefined],
    ['a weekly, whose version is a date', { cutoffVersion: '9999.0.0' }, 'w_2077_43', undefined],
    ['a daily, whose version is a date', { cutoffVersion: '9999.0.0' }, 'd_2077_10_23', undefined],
    ['an unknown tag', { number: 0, cutoffBuild: 9, cutoffVersion: '9.0.0' }, 'whatever', undefined],
    ['an image for one architecture', {}, 'w_2077_43-arm64', 'for_one_architecture'],
  ])('judges %s', (_case, filter, tag, exclusion) => {
    expect(new TagSieve(all(filter), now).exclusionOf(parseTag(tag))).toBe(exclusion);
  });

  it('counts, for each type, what the other rules let pass', () => {
    const names = ['w_2077_43_rsp1', 'w_2077_42', 'w_2077_41', 'w_2077_40', 'd_2077_10_23', 'd_2077_10_22'];

    expect(kept(names, { weekly: { number: 2, cutoffBuild: 5 }, daily: { number: 1 } })).toEqual([
      'w_2077_42',
      'w_2077_41',
      'd_2077_10_23',
    ]);
    expect(kept(names, { weekly: { number: 0 } })).toHaveLength(6);
  });

  it('never excludes an alias', () => {
    expect(new TagSieve(all({ number: 0 }), now).exclusionOf(parseAlias('recommended'))).toBeUndefined();
  });

  it('keeps no more of a type than it may, the newest of those that pass, and no less without reason', () => {
    const name = fc.tuple(fc.integer({ min: 2060, max: 2077 }), fc.integer({ min: 1, max: 52 }));
    fc.assert(
      fc.property(fc.array(name), fc.integer({ min: 1, max: 5 }), (dates, number) => {
        const names = [...new Set(dates.map(([year, week]) => `w_${year}_${week}`))];
        const chosen = kept(names, { weekly: { number } });
        const newest = kept(names, {}).slice(0, number);
        expect(chosen).toEqual(newest);
      }),
    );
  });
});
