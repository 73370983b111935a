import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printVersion } from './semantic-version.js';
import { parseAlias, parseTag, titleCase } from './tag.grammar.js';
import type { Tag } from './tag.js';

/** One line of the contract's table 4.4; `-` stands for an absent field. */
function describeTag(tag: Tag): string {
  const cycle = tag.cycle === undefined ? '-' : `${tag.cycle}/${tag.cycleBuild ?? '-'}`;
  const date = tag.date === undefined ? '-' : new Date(tag.date).toISOString().replace('T00:00:00.000Z', '');
  const version = tag.version ? printVersion(tag.version) : '-';
  const fields = [
    version,
    tag.base ?? '-',
    cycle,
    tag.rspBuild ?? '-',
    tag.architecture ?? '-',
    tag.extra ?? '-',
  ];
  return [tag.type, tag.displayName, ...fields, date].join(' | ');
}

describe('parseTag', () => {
  it.each([
    ['r21_0_1', 'Release | Release r21.0.1 | 21.0.1 | - | - | - | - | - | -'],
    ['r22_0_0_rc1', 'Release Candidate | Release Candidate r22.0.0-rc1 | 22.0.0-rc1 | - | - | - | - | - | -'],
    ['r170', 'Release | Release r17.0.0 | 17.0.0 | - | - | - | - | - | -'],
    [
      'r22_0_1_c0019.001_20210513',
      'Release | Release r22.0.1 (SAL Cycle 0019, Build 001) [20210513] | 22.0.1 | - | 19/1 | - | - | 20210513 | -',
    ],
    [
      'r21_0_1_rsp103_foo-amd64',
      'Release | Release r21.0.1 (RSP Build 103) [foo] [amd64] | 21.0.1 | - | - | 103 | amd64 | foo | -',
    ],
    ['w_2021_22', 'Weekly | Weekly 2021_22 | 2021.22.0 | - | - | - | - | - | 2021-06-03'],
    [
      'w_2021_22_rsp19-arm64',
      'Weekly | Weekly 2021_22 (RSP Build 19) [arm64] | 2021.22.0 | - | - | 19 | arm64 | - | 2021-06-03',
    ],
    ['d_2021_05_27', 'Daily | Daily 2021_05_27 | 2021.5.27 | - | - | - | - | - | 2021-05-27'],
    [
      'exp_w_2021_22_c0020.001_rsp19_foo-amd64',
      'Experimental | Experimental Weekly 2021_22 (SAL Cycle 0020, Build 001) (RSP Build 19) [foo] [amd64] | ' +
        '2021.22.0 | - | 20/1 | 19 | amd64 | foo | 2021-06-03',
    ],
    [
      'exp_w_2021_05_13_nosudo',
      'Experimental | Experimental Weekly 2021_05 [13_nosudo] | 2021.5.0 | - | - | - | - | 13_nosudo | 2021-02-04',
    ],
    ['exp_random', 'Experimental | Experimental random | - | random | - | - | - | - | -'],
    [
      'exp_random_c0027-amd64',
      'Experimental | Experimental random (SAL Cycle 0027) [amd64] | - | random | 27/- | - | amd64 | - | -',
    ],
    ['recommended', 'Unknown | recommended | - | recommended | - | - | - | - | -'],
    ['recommended_c0027', 'Unknown | recommended (SAL Cycle 0027) | - | recommended | 27/- | - | - | - | -'],
    [
      'recommended_c0027-arm64',
      'Unknown | recommended (SAL Cycle 0027) [arm64] | - | recommended | 27/- | - | arm64 | - | -',
    ],
    ['latest-amd64', 'Unknown | latest [amd64] | - | latest | - | - | amd64 | - | -'],
    [
      'latest_c0027-amd64',
      'Unknown | latest (SAL Cycle 0027) [amd64] | - | latest | 27/- | - | amd64 | - | -',
    ],
    ['not_a_normal_format', 'Unknown | not_a_normal_format | - | not_a_normal_format | - | - | - | - | -'],
    ['MiXeD_CaSe_TaG', 'Unknown | MiXeD_CaSe_TaG | - | MiXeD_CaSe_TaG | - | - | - | - | -'],
  ])('reads %s as the contract does', (text, line) => {
    const tag = parseTag(text);

    expect(tag.tag).toBe(text);
    expect(describeTag(tag)).toBe(line);
  });

  it('reads the empty tag as latest', () => {
    expect(parseTag('')).toEqual(parseTag('latest'));
    expect(parseTag('').tag).toBe('latest');
  });

  it.each<[string, Partial<Tag>, string]>([
    [
      'w_2021_22_rsp19_c0020.001',
      { rspBuild: 19, extra: 'c0020.001' },
      'a cycle after the rsp part is just text',
    ],
    ['w_2021_22_c0020', { extra: 'c0020' }, 'a cycle without a build is just text'],
    ['w_2021_22-nosudo', { architecture: 'nosudo' }, 'any word after a dash counts as an architecture'],
    ['exp_my-branch', { base: 'my', architecture: 'branch' }, 'also inside experimental tags'],
    ['tickets-DM-55155', { base: 'tickets-DM', architecture: '55155' }, 'also in unknown tags'],
    ['tickets-DM', { base: 'tickets-DM' }, 'but only in lower case'],
    [
      'exp_exp_r22_0_0_rc1',
      { displayName: 'Experimental Experimental Release Candidate r22.0.0-rc1' },
      'nesting',
    ],
    ['exp_', { type: 'Unknown', base: 'exp_' }, 'exp_ with nothing behind it'],
    ['_c0027', { type: 'Unknown', base: '_c0027' }, 'a cycle with nothing before it'],
    ['-amd64', { type: 'Unknown', base: '-amd64' }, 'an architecture with nothing before it'],
    ['w_2021_53', { type: 'Unknown' }, 'a week that 2021 did not have'],
    ['w_2021_54', { type: 'Unknown', base: 'w_2021_54' }, 'a week that no year has'],
    ['w_2021_00', { type: 'Unknown' }, 'week 0'],
    ['w_0_10', { type: 'Unknown' }, 'the year 0'],
    ['w_2020_53', { type: 'Weekly' }, 'a week 53 that exists'],
    ['d_2021_13_40', { type: 'Unknown' }, 'no such day'],
    ['d_2021_02_29', { type: 'Unknown' }, 'no leap year'],
    ['d_2024_02_29', { type: 'Daily' }, 'a leap year'],
    ['r1700', { type: 'Unknown' }, 'four digits are no obsolete release'],
    ['r170_extra', { type: 'Unknown' }, 'an obsolete release has no further parts'],
    ['R21_0_1', { type: 'Unknown' }, 'capital letters'],
    [`r${'9'.repeat(30)}_0_0`, { type: 'Unknown' }, 'a number too large to be kept exactly'],
  ])('%s: %j (%s)', (text, fields) => {
    expect(parseTag(text)).toMatchObject(fields);
  });

  it.each([
    ['r21_0_1', true],
    ['r22_0_0_rc1', true],
    ['exp_r22_0_0_rc1', true],
    ['w_2021_22', false],
    ['exp_w_2021_22', false],
    ['recommended', false],
  ])('says of %s whether its version is a software version: %s', (text, semantic) => {
    expect(parseTag(text).semantic).toBe(semantic);
  });

  it('takes the Thursday of the ISO week also where the week begins in another year', () => {
    expect(new Date(parseTag('w_2020_01').date ?? 0).toISOString()).toBe('2020-01-02T00:00:00.000Z');
    expect(new Date(parseTag('w_2026_53').date ?? 0).toISOString()).toBe('2026-12-31T00:00:00.000Z');
    expect(new Date(parseTag('w_0099_01').date ?? 0).toISOString()).toBe('0099-01-01T00:00:00.000Z');
  });

  it('answers every text without throwing, keeping it and giving it a name', () => {
    const piece = fc.constantFrom(
      'exp_',
      'r21_0_1',
      'w_2021_22',
      'd_2021_1_2',
      '_rc1',
      '_c0020',
      '.001',
      '_rsp3',
    );
    const other = fc.constantFrom('_foo', '-amd64', '-', '_', '\n', '9'.repeat(400), '_c1_c1', 'é', '0');
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.oneof(piece, other)).map((parts) => parts.join('')),
    );

    fc.assert(
      fc.property(text, (input) => {
        for (const tag of [parseTag(input), parseAlias(input)]) {
          expect(tag.tag).toBe(input === '' ? 'latest' : input);
          expect(tag.displayName).not.toBe('');
          expect(tag.version === undefined).toBe(tag.base !== undefined);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('reads a hostile tag of a million letters', () => {
    expect(parseTag('exp_'.repeat(250_000)).type).toBe('Experimental');
    expect(parseTag('_c1'.repeat(100_000) + '!').type).toBe('Unknown');
  });
});

describe('parseAlias', () => {
  it.each([
    ['recommended', 'Alias | Recommended | - | recommended | - | - | - | - | -'],
    [
      'latest_weekly_c0046',
      'Alias | Latest Weekly (SAL Cycle 0046) | - | latest_weekly | 46/- | - | - | - | -',
    ],
    ['latest_c0046-arm64', 'Alias | Latest (SAL Cycle 0046) [arm64] | - | latest | 46/- | - | arm64 | - | -'],
    ['w_2021_22', 'Alias | W 2021 22 | - | w_2021_22 | - | - | - | - | -'],
  ])('names %s', (text, line) => {
    expect(describeTag(parseAlias(text))).toBe(line);
  });
});

describe('titleCase', () => {
  it.each([
    ['latest_weekly', 'Latest Weekly'],
    ['r2d2_x', 'R2D2 X'],
    ['MiXeD', 'Mixed'],
  ])('%s becomes %s', (base, title) => {
    expect(titleCase(base)).toBe(title);
  });
});
