import { describe, expect, it } from 'vitest';
import { decideBlindly, decideImage } from './image.policy.js';
import { readTags } from './image-selection.js';
import type { ImageClass } from './image.policy.js';
import { knownFromDigests } from './known-images.builder.js';
import type { KnownImages } from './known-images.js';

const source = { registry: 'lsst.io', repository: 'sciplat-lab' };
const settings = {
  recommendedTag: 'recommended',
  numReleases: 1,
  numWeeklies: 2,
  numDailies: 1,
  pin: [],
  aliasTags: [],
};
const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;

/** A repository whose `digests` are known; `others` are listed only. */
function knowing(
  digests: Record<string, string>,
  others: readonly string[] = [],
  untold: readonly string[] = [],
): KnownImages {
  const tags = readTags([...Object.keys(digests), ...others, ...untold], settings);
  const found = tags.flatMap((tag) => (digests[tag.tag] ? [{ tag, digest: digests[tag.tag]! }] : []));
  const lookups = { found, untold: tags.filter((tag) => untold.includes(tag.tag)) };
  return knownFromDigests(tags, lookups, { source, selection: settings });
}

const known = knowing(
  { recommended: digest('5'), w_2077_43: digest('5'), w_2077_44: digest('6'), d_2077_10_23: digest('7') },
  ['w_2077_40', 'exp_new'],
);

const byReference = (reference: string) => decideImage({ kind: 'reference', reference }, known);
const byTag = (tag: string) => decideImage({ kind: 'tag', tag }, known);
const byClass = (name: ImageClass, images = known) => decideImage({ kind: 'class', class: name }, images);
const foundAs = (tag: string, of: string) => ({
  kind: 'found',
  image: { reference: `lsst.io/sciplat-lab:${tag}@${of}`, tag, digest: of },
});

describe('decideImage by reference', () => {
  it('answers a known digest with the tag that says what it is', () => {
    expect(byReference(`lsst.io/sciplat-lab:recommended@${digest('5')}`)).toMatchObject(
      foundAs('w_2077_43', digest('5')),
    );
    expect(byReference(`lsst.io/sciplat-lab@${digest('5')}`)).toMatchObject(
      foundAs('w_2077_43', digest('5')),
    );
    expect(byReference(`lsst.io/sciplat-lab:odd@${digest('5')}`)).toMatchObject(
      foundAs('w_2077_43', digest('5')),
    );
  });

  it('answers a prepulled tag with its present digest, even if the request has an older one', () => {
    expect(byReference('lsst.io/sciplat-lab:recommended')).toEqual({
      kind: 'found',
      image: {
        reference: `lsst.io/sciplat-lab:recommended@${digest('5')}`,
        tag: 'recommended',
        digest: digest('5'),
        displayName: 'Recommended (Weekly 2077_43)',
      },
    });
    expect(byReference(`lsst.io/sciplat-lab:w_2077_44@${digest('0')}`)).toMatchObject(
      foundAs('w_2077_44', digest('6')),
    );
  });

  it('takes the digest of another listed tag as it is, and asks for it if there is none', () => {
    expect(byReference(`lsst.io/sciplat-lab:w_2077_40@${digest('9')}`)).toEqual({
      kind: 'found',
      image: {
        reference: `lsst.io/sciplat-lab:w_2077_40@${digest('9')}`,
        tag: 'w_2077_40',
        digest: digest('9'),
        displayName: 'Weekly 2077_40',
      },
    });
    expect(byReference('lsst.io/sciplat-lab:w_2077_40')).toMatchObject({
      kind: 'ask',
      tag: { tag: 'w_2077_40' },
      missing: 'Docker reference "lsst.io/sciplat-lab:w_2077_40" not found',
    });
  });

  it.each([
    ['lsst.io/sciplat-lab', 'invalid', 'Docker reference "lsst.io/sciplat-lab" has no tag'],
    [
      `lsst.io/sciplat-lab@${digest('0')}`,
      'invalid',
      `Docker reference "lsst.io/sciplat-lab@${digest('0')}" has no tag`,
    ],
    [
      'lsst.io/sciplat-lab:w_2077_40@sha256:12',
      'invalid',
      'Docker reference "lsst.io/sciplat-lab:w_2077_40@sha256:12" has no usable digest',
    ],
    [
      'lsst.io/sciplat-lab:w_1999_01',
      'unknown',
      'Docker reference "lsst.io/sciplat-lab:w_1999_01" not found',
    ],
    ['lsst.io/other:w_2077_44', 'unknown', 'Docker reference "lsst.io/other:w_2077_44" not found'],
    [
      'evil.io/sciplat-lab:w_2077_44',
      'unknown',
      'Docker reference "evil.io/sciplat-lab:w_2077_44" not found',
    ],
    ['ubuntu', 'invalid', 'Docker reference "ubuntu" is not valid (no registry)'],
    ['lsst.io/sciplat-lab:', 'invalid', 'Docker reference "lsst.io/sciplat-lab:" is not valid (invalid tag)'],
  ])('%s is %s', (reference, kind, message) => {
    expect(byReference(reference)).toEqual({ kind, message });
  });

  it('quotes no more of a request than a reference could hold', () => {
    const decision = byReference(`lsst.io/${'a'.repeat(100_000)}`);

    expect(JSON.stringify(decision).length).toBeLessThan(1200);
  });
});

describe('decideImage by tag', () => {
  it('finds prepulled tags, asks for listed ones, and knows no others', () => {
    expect(byTag('w_2077_44')).toMatchObject(foundAs('w_2077_44', digest('6')));
    expect(byTag('exp_new')).toMatchObject({ kind: 'ask', missing: 'Docker tag "exp_new" not found' });
    expect(byTag('nope')).toEqual({ kind: 'unknown', message: 'Docker tag "nope" not found' });
  });
});

describe('decideImage by class', () => {
  it('finds the recommended tag and the newest of each kind', () => {
    expect(byClass('recommended')).toMatchObject(foundAs('recommended', digest('5')));
    expect(byClass('latest-weekly')).toMatchObject(foundAs('w_2077_44', digest('6')));
    expect(byClass('latest-daily')).toMatchObject(foundAs('d_2077_10_23', digest('7')));
    expect(byClass('latest-release')).toEqual({ kind: 'unknown', message: 'No latest-release image found' });
    expect(byClass('recommended', knowing({}))).toEqual({
      kind: 'unknown',
      message: 'No recommended image found',
    });
  });

  it('asks for what the registry did not tell at the last refresh, unless an older image serves', () => {
    const gaps = knowing({ w_2077_44: digest('6') }, [], ['recommended', 'w_2077_45', 'd_2077_10_23']);

    expect(byClass('recommended', gaps)).toMatchObject({ kind: 'ask', tag: { tag: 'recommended' } });
    expect(byClass('latest-daily', gaps)).toMatchObject({ kind: 'ask', tag: { tag: 'd_2077_10_23' } });
    expect(byClass('latest-weekly', gaps)).toMatchObject(foundAs('w_2077_44', digest('6')));
  });
});

describe('decideBlindly', () => {
  it('accepts only what needs no registry', () => {
    const reference = `lsst.io/sciplat-lab:w_2077_44@${digest('6')}`;

    expect(decideBlindly({ kind: 'reference', reference }, source)).toMatchObject(
      foundAs('w_2077_44', digest('6')),
    );
    expect(decideBlindly({ kind: 'reference', reference: 'lsst.io/sciplat-lab:a' }, source)).toBeUndefined();
    expect(decideBlindly({ kind: 'tag', tag: 'a' }, source)).toBeUndefined();
    expect(decideBlindly({ kind: 'class', class: 'recommended' }, source)).toBeUndefined();
    expect(decideBlindly({ kind: 'reference', reference: 'ubuntu' }, source)).toMatchObject({
      kind: 'invalid',
    });
    expect(decideBlindly({ kind: 'reference', reference: 'lsst.io/sciplat-lab' }, source)).toMatchObject({
      kind: 'invalid',
    });
    expect(decideBlindly({ kind: 'reference', reference: 'a.io/b:c' }, source)).toMatchObject({
      kind: 'unknown',
    });
  });
});
