import { describe, expect, it } from 'vitest';
import { instant } from '../common/units.js';
import { readTags, selectPrepulls } from './image-selection.js';
import type { SelectionSettings } from './image-selection.js';
import { dropdownInSteps, judgeTags, radioMenu } from './image.menu.js';
import type { MenuFilters } from './tag.filter.js';
import { wantedOf } from './image-wishes.js';
import { knownFromDigests, knownFromListing } from './known-images.builder.js';
import type { KnownImages } from './known-images.js';
import { atOnce } from '../common/steps.js';

const source = { registry: 'lighthouse.ceres', repository: 'library/sketchbook' };
const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;
const selection: SelectionSettings = {
  recommendedTag: 'recommended',
  numReleases: 1,
  numWeeklies: 2,
  numDailies: 1,
  pin: [],
  aliasTags: [],
};
const now = instant(Date.UTC(2077, 10, 1));

/** A Docker source: names, and the digests of those that it keeps on nodes. */
function docker(digests: Record<string, string>, settings: SelectionSettings): KnownImages {
  const tags = readTags(Object.keys(digests), settings);
  const found = selectPrepulls(tags, settings).map((tag) => ({ tag, digest: digests[tag.tag]! }));
  return knownFromDigests(tags, { found, untold: [] }, { source, selection: settings });
}

function google(digests: Record<string, string>, settings: SelectionSettings): KnownImages {
  const listed = Object.entries(digests).map(([tag, one]) => ({ tag, digest: one, sizeBytes: 1 }));
  return atOnce(knownFromListing(listed, { source, selection: settings }));
}

const lines = (entries: readonly { reference: string; displayName: string }[]) =>
  entries.map(({ reference, displayName }) => [
    reference.replace('lighthouse.ceres/library/sketchbook:', '').replace(/@sha256:(.).*/, '@$1'),
    displayName,
  ]);
const everywhere = { isPrepulled: () => true };

const menuOf = (
  known: KnownImages,
  filters: MenuFilters,
  { isPrepulled }: { readonly isPrepulled: (digest: string) => boolean },
) => ({
  radio: radioMenu(known, isPrepulled),
  dropdown: atOnce(dropdownInSteps(known, filters, now)),
});

describe('the menus', () => {
  /** The golden example of contract 4.8. */
  const cycle50 = {
    recommended_c0050: digest('2'),
    latest_c0050: digest('4'),
    'w_2077_43_c0050.004': digest('4'),
    'w_2077_43_c0050.003': digest('3'),
    'w_2077_43_c0050.002': digest('2'),
    'w_2077_43_c0050.001': digest('1'),
    'exp_w_2077_43_c0050.001': digest('9'),
    w_2077_44: digest('8'),
    'w_2077_43_c0049.001': digest('7'),
  };
  const settings = {
    ...selection,
    recommendedTag: 'recommended_c0050',
    aliasTags: ['latest_c0050'],
    cycle: 50,
    numReleases: 0,
    numWeeklies: 3,
    numDailies: 0,
  };

  it('offers what the golden example offers', () => {
    const { radio, dropdown } = menuOf(docker(cycle50, settings), {}, everywhere);

    expect(lines(radio)).toEqual([
      ['recommended_c0050@2', 'Recommended (Weekly 2077_43, SAL Cycle 0050, Build 002)'],
      ['w_2077_43_c0050.004@4', 'Weekly 2077_43 (SAL Cycle 0050, Build 004)'],
      ['w_2077_43_c0050.003@3', 'Weekly 2077_43 (SAL Cycle 0050, Build 003)'],
    ]);
    expect(lines(dropdown)).toEqual([
      ['recommended_c0050@2', 'Recommended (Weekly 2077_43, SAL Cycle 0050, Build 002)'],
      ['latest_c0050', 'Latest (SAL Cycle 0050)'],
      ['w_2077_43_c0050.004@4', 'Weekly 2077_43 (SAL Cycle 0050, Build 004)'],
      ['w_2077_43_c0050.003@3', 'Weekly 2077_43 (SAL Cycle 0050, Build 003)'],
      ['w_2077_43_c0050.002@2', 'Weekly 2077_43 (SAL Cycle 0050, Build 002)'],
      ['w_2077_43_c0050.001', 'Weekly 2077_43 (SAL Cycle 0050, Build 001)'],
      ['exp_w_2077_43_c0050.001', 'Experimental Weekly 2077_43 (SAL Cycle 0050, Build 001)'],
    ]);
  });

  it('resolves every alias where the registry tells all digests', () => {
    const { dropdown } = menuOf(google(cycle50, { ...settings, aliasTags: [] }), {}, everywhere);

    expect(lines(dropdown)[1]).toEqual([
      'latest_c0050@4',
      'Latest (Weekly 2077_43, SAL Cycle 0050, Build 004)',
    ]);
    expect(lines(dropdown).every(([reference]) => /@\d$/.test(reference!))).toBe(true);
  });

  it('offers the recommended image before all nodes have it, the others only then', () => {
    const known = docker(
      { recommended: digest('5'), w_2077_43: digest('6'), w_2077_42: digest('7') },
      selection,
    );

    const { radio } = menuOf(known, {}, { isPrepulled: (one) => one === digest('7') });

    expect(lines(radio)).toEqual([
      ['recommended@5', 'Recommended'],
      ['w_2077_42@7', 'Weekly 2077_42'],
    ]);
  });

  it('shows no pinned tag twice, and none for one architecture', () => {
    const pinned = { ...selection, pin: ['w_2077_43', 'w_2077_41-arm64'] };
    const known = docker({ w_2077_43: digest('6'), 'w_2077_41-arm64': digest('7') }, pinned);

    const { radio, dropdown } = menuOf(known, {}, everywhere);

    expect(lines(radio)).toEqual([['w_2077_43@6', 'Weekly 2077_43']]);
    expect(dropdown).toHaveLength(1);
  });

  it('says of each tag that is left out why', () => {
    const known = docker(
      { w_2077_43: digest('6'), w_2077_42: digest('7'), w_2077_41: digest('8') },
      selection,
    );

    const judged = judgeTags(known, { weekly: { number: 1 } }, now);

    expect(judged.map(({ tag, exclusion }) => [tag.tag, exclusion])).toEqual([
      ['w_2077_43', undefined],
      ['w_2077_42', 'beyond_number'],
      ['w_2077_41', 'beyond_number'],
    ]);
  });
});

describe('wantedOf', () => {
  it('wants each digest once under the tag that says what it is, the recommended first', () => {
    const digests = {
      recommended: digest('5'),
      r22_0_0: digest('6'),
      w_2077_43: digest('7'),
      w_2077_42: digest('5'),
      'w_2077_44-arm64': digest('8'),
    };
    const wanted = wantedOf(docker(digests, { ...selection, pin: ['w_2077_44-arm64'] }));

    expect(wanted.map(({ reference }) => reference)).toEqual([
      `lighthouse.ceres/library/sketchbook:w_2077_42@${digest('5')}`,
      `lighthouse.ceres/library/sketchbook:r22_0_0@${digest('6')}`,
      `lighthouse.ceres/library/sketchbook:w_2077_43@${digest('7')}`,
    ]);
  });
});
