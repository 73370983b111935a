import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ImageCollection } from './image-collection.js';
import { parseAlias, parseTag } from './tag.grammar.js';
import type { TaggedDigest } from './image.js';

const image = (tag: string, digest: string): TaggedDigest => ({ tag: parseTag(tag), digest });
const alias = (tag: string, digest: string): TaggedDigest => ({ tag: parseAlias(tag), digest });

describe('ImageCollection', () => {
  it.each([
    ['recommended', 'w_2077_43', 'Recommended (Weekly 2077_43)'],
    ['recommended', 'd_2077_10_23_c0045.003', 'Recommended (Daily 2077_10_23, SAL Cycle 0045, Build 003)'],
    ['latest-amd64', 'r21_0_2_rsp64_stuff-amd64', 'Latest (Release r21.0.2, RSP Build 64 [stuff]) [amd64]'],
    ['latest_weekly-arm64', 'w_2077_45-amd64', 'Latest Weekly (Weekly 2077_45 [amd64]) [arm64]'],
    ['latest_c0046', 'w_2077_45', 'Latest (Weekly 2077_45)'],
    ['latest', 'w_2077_45-amd64', 'Latest (Weekly 2077_45) [amd64]'],
  ])('shows %s of %s as %s', (name, target, displayName) => {
    const images = new ImageCollection([alias(name, 'sha256:1'), image(target, 'sha256:1')]);

    expect(images.byTag(name)?.tag.displayName).toBe(displayName);
    expect(images.byTag(name)?.aliasTarget).toBe(target);
  });

  it('takes cycle and date of a resolved alias from its target, even to no cycle', () => {
    const images = new ImageCollection([
      alias('latest_c0046', 'sha256:1'),
      image('w_2077_45', 'sha256:1'),
      alias('recommended', 'sha256:2'),
      image('d_2077_10_23_c0045.003', 'sha256:2'),
    ]);

    expect(images.byTag('latest_c0046')?.tag.cycle).toBeUndefined();
    expect(images.byTag('recommended')?.tag).toMatchObject({ cycle: 45, date: Date.UTC(2077, 9, 23) });
  });

  it('promotes an unknown tag to an alias once it shares a digest with a tag that says what it is', () => {
    const images = new ImageCollection([
      image('prod', 'sha256:1'),
      image('w_2077_43', 'sha256:1'),
      image('odd', 'sha256:2'),
    ]);

    expect(images.byTag('prod')).toMatchObject({ aliasTarget: 'w_2077_43', tag: { type: 'Alias' } });
    expect(images.byTag('odd')?.tag.type).toBe('Unknown');
    expect(images.byTag('odd')?.aliasTarget).toBeUndefined();
  });

  it('lets the first tag that says what it is stand for a digest, whatever the order of names', () => {
    const images = new ImageCollection([
      alias('recommended', 'sha256:1'),
      image('w_2077_43', 'sha256:1'),
      image('d_2077_10_23', 'sha256:1'),
    ]);

    expect(images.byDigest('sha256:1')?.tag.tag).toBe('w_2077_43');
    expect(images.byTag('w_2077_43')?.aliases).toEqual(['d_2077_10_23', 'recommended']);
    expect(images.byTag('recommended')?.aliases).toEqual(['d_2077_10_23', 'w_2077_43']);
  });

  it('lets an alias stand for a digest that nothing else explains', () => {
    const images = new ImageCollection([alias('latest_c0046', 'sha256:1'), image('odd', 'sha256:1')]);

    expect(images.byDigest('sha256:1')?.tag).toMatchObject({
      tag: 'latest_c0046',
      displayName: 'Latest (SAL Cycle 0046)',
    });
    expect(images.byTag('odd')?.aliasTarget).toBeUndefined();
    expect(images.byTag('odd')?.aliases).toEqual(['latest_c0046']);
  });

  it('finds the newest of a type, leaving out those for one architecture', () => {
    const images = new ImageCollection([
      image('w_2077_43', 'sha256:1'),
      image('w_2077_45-amd64', 'sha256:2'),
      image('w_2077_44', 'sha256:3'),
    ]);

    expect(images.latest('Weekly')?.tag.tag).toBe('w_2077_44');
    expect(images.latest('Daily')).toBeUndefined();
  });

  it('counts a tag once that is given twice', () => {
    expect(new ImageCollection([image('w_2077_43', 'sha256:1'), image('w_2077_43', 'sha256:2')]).size).toBe(
      1,
    );
  });

  it('keeps every tag and digest, and lets tags of one digest name each other', () => {
    const tag = fc.constantFrom(
      'w_2077_43',
      'w_2077_44',
      'd_2077_10_23',
      'r21_0_1',
      'odd',
      'prod',
      'w_2077_43-amd64',
    );
    const some = fc.array(
      fc.tuple(tag, fc.constantFrom('sha256:1', 'sha256:2')).map(([t, d]) => image(t, d)),
    );

    fc.assert(
      fc.property(some, (given) => {
        const images = new ImageCollection(given);
        for (const { tag: one } of given) {
          const known = images.byTag(one.tag);
          expect(given.some((other) => other.digest === known?.digest && other.tag.tag === one.tag)).toBe(
            true,
          );
          expect(images.byDigest(known?.digest ?? '')).toBeDefined();
          for (const other of known?.aliases ?? []) expect(images.byTag(other)?.aliases).toContain(one.tag);
          if (known?.aliasTarget !== undefined) expect(known.aliases).toContain(known.aliasTarget);
        }
      }),
    );
  });

  it('keeps in a subset what its images mean among all', () => {
    const images = new ImageCollection([alias('recommended', 'sha256:1'), image('w_2077_43', 'sha256:1')]);

    const subset = images.subset(({ tag }) => tag.tag === 'recommended');

    expect(subset.byDigest('sha256:1')).toMatchObject({
      tag: { displayName: 'Recommended (Weekly 2077_43)' },
      aliases: ['w_2077_43'],
    });
    expect(subset.byTag('w_2077_43')).toBeUndefined();
  });

  it('splits into a subset and what is left when it is subtracted, by digest', () => {
    const names = ['w_2077_43', 'w_2077_44', 'd_2077_10_23', 'odd', 'prod', 'w_2077_43-amd64'];
    const tag = fc.tuple(fc.constantFrom(...names), fc.constantFrom('sha256:1', 'sha256:2', 'sha256:3'));

    fc.assert(
      fc.property(fc.array(tag), fc.subarray(names), (given, chosen) => {
        const all = new ImageCollection(given.map(([name, digest]) => image(name, digest)));
        const subset = all.subset((one) => chosen.includes(one.tag.tag));
        const left = all.subtract(subset);
        const digests = (some: readonly { digest: string }[]) =>
          [...new Set(some.map((one) => one.digest))].sort();

        expect(subset.all().every((one) => all.byTag(one.tag.tag) === one)).toBe(true);
        expect(left.every((one) => !subset.byDigest(one.digest) && all.byDigest(one.digest) === one)).toBe(
          true,
        );
        expect(digests([...subset.all(), ...left])).toEqual(digests(all.all()));
        expect(digests(left)).toHaveLength(left.length);
        expect(all.subtract(all)).toEqual([]);
        expect(new ImageCollection([]).size).toBe(0);
      }),
    );
  });

  it('resolves nothing further when it is built again from its own images', () => {
    const given = [
      alias('recommended', 'sha256:1'),
      image('w_2077_43', 'sha256:1'),
      image('odd', 'sha256:1'),
    ];
    const once = new ImageCollection(given);
    const twice = new ImageCollection(
      given.map(({ tag, digest }) => ({ tag: once.byTag(tag.tag)!.tag, digest })),
    );

    expect(twice.all().map(({ tag, aliases }) => [tag.tag, tag.type, aliases])).toEqual(
      once.all().map(({ tag, aliases }) => [tag.tag, tag.type, aliases]),
    );
  });
});
