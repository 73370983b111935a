import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAlias, parseTag } from './tag.grammar.js';
import { compareTags, sortByTag } from './tag.order.js';
import type { Tag } from './tag.js';

const sort = (tags: readonly string[]): readonly string[] =>
  sortByTag(tags.map(parseTag), (tag) => tag).map((tag) => tag.tag);

const part = fc.constantFrom('', '_c0031.004', '_c0032.004', '_c0032.005', '_c31.4');
const rsp = fc.constantFrom('', '_rsp2', '_rsp10', '_rsp010');
const rest = fc.constantFrom('', '_foo', '_bar', '_c0020');
const architecture = fc.constantFrom('', '-amd64', '-arm64');
const core = fc.oneof(
  fc.constantFrom('r21_0_1', 'r21_0_10', 'r3_0_0', 'r170', 'r22_0_0_rc1', 'r22_0_0_rc2', 'r22_0_0_rc10'),
  fc.constantFrom(
    'w_2021_2',
    'w_2021_22',
    'w_2021_9',
    'd_2021_5_27',
    'd_2021_05_27',
    'exp_w_2021_22',
    'exp_random',
  ),
  fc.constantFrom(
    'recommended',
    'latest_c0046',
    'exp_r22_0_0_rc1',
    'exp_r22_0_0',
    'w_2021_54',
    'exp_exp_other',
  ),
);
const anyTag: fc.Arbitrary<Tag> = fc
  .tuple(core, part, rsp, rest, architecture)
  .map((parts) => parts.join(''))
  .chain((text) => fc.constantFrom(parseTag(text), parseAlias(text)));

describe('compareTags', () => {
  it('follows the ascending example of the contract', () => {
    const ascending = [
      'r21_0_1',
      'r21_0_1_rsp29',
      'r21_0_1_rsp103',
      'r21_0_1_rsp103_extra',
      'r21_0_1_rsp103_foo-amd64',
      'r21_0_1_rsp103_foo-arm64',
      'r21_0_1_rsp103_foo',
      'r21_0_1_c0031.004',
      'r21_0_1_c0031.004_rsp103',
      'r21_0_1_c0032.004_rsp102',
      'r21_0_1_c0032.004_rsp103',
      'r21_0_1_c0032.005_rsp101',
    ];

    expect(sort(ascending)).toEqual(ascending.toReversed());
    expect(sort(ascending.toReversed())).toEqual(ascending.toReversed());
  });

  it('compares numbers as numbers, but release candidates as text', () => {
    expect(sort(['w_2021_9', 'w_2021_22'])).toEqual(['w_2021_22', 'w_2021_9']);
    expect(sort(['r22_0_0_rc10', 'r22_0_0_rc2', 'r22_0_0_rc1'])).toEqual([
      'r22_0_0_rc2',
      'r22_0_0_rc10',
      'r22_0_0_rc1',
    ]);
  });

  it('puts a release above its candidates where one type holds both', () => {
    expect(sort(['exp_r22_0_0_rc9', 'exp_r22_0_0', 'exp_r21_9_9', 'exp_name'])).toEqual([
      'exp_name',
      'exp_r22_0_0',
      'exp_r22_0_0_rc9',
      'exp_r21_9_9',
    ]);
  });

  it('is a total preorder: one of both comes first, and order carries over', () => {
    fc.assert(
      fc.property(anyTag, anyTag, anyTag, (a, b, c) => {
        expect(Math.sign(compareTags(a, b)) + Math.sign(compareTags(b, a))).toBe(0);
        expect(compareTags(a, a)).toBe(0);
        if (compareTags(a, b) <= 0 && compareTags(b, c) <= 0)
          expect(compareTags(a, c)).toBeLessThanOrEqual(0);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('sortByTag', () => {
  it('lists types in menu order', () => {
    const recommended = parseAlias('recommended');
    const tags = ['odd', 'exp_a', 'r22_0_0_rc1', 'd_2021_05_27', 'w_2021_22', 'r21_0_1'].map(parseTag);

    expect(sortByTag([...tags, recommended], (tag) => tag).map((tag) => tag.type)).toEqual([
      'Alias',
      'Release',
      'Weekly',
      'Daily',
      'Release Candidate',
      'Experimental',
      'Unknown',
    ]);
  });

  it('keeps the place of what compares as equal', () => {
    expect(sort(['w_2021_22_rsp010', 'w_2021_22', 'w_2021_22_rsp10'])).toEqual([
      'w_2021_22_rsp010',
      'w_2021_22_rsp10',
      'w_2021_22',
    ]);

    fc.assert(
      fc.property(fc.array(anyTag), (tags) => {
        const sorted = sortByTag(tags, (tag) => tag);
        sorted.slice(1).forEach((tag, index) => {
          const before = sorted[index]!;
          if (before.type !== tag.type || compareTags(before, tag) !== 0) return;
          expect(tags.indexOf(before)).toBeLessThanOrEqual(tags.lastIndexOf(tag));
        });
        expect([...sorted].sort((a, b) => tags.indexOf(a) - tags.indexOf(b))).toEqual(
          [...tags].sort((a, b) => tags.indexOf(a) - tags.indexOf(b)),
        );
      }),
    );
  });
});
