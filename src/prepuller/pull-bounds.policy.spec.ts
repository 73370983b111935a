import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WantedImage } from './prepull.js';
import { admit } from './pull-bounds.policy.js';
import type { Applicant } from './pull-bounds.policy.js';

const image = (name: string, registry = 'r.example.org'): WantedImage => ({
  digest: `sha256:${name}`,
  tag: name,
  aliases: [],
  reference: `${registry}/lab:${name}@sha256:${name}`,
  registry,
});

const applicant = (node: string, rank: number, ...images: readonly WantedImage[]): Applicant => ({
  node,
  rank,
  images,
  registries: [...new Set(images.map(({ registry }) => registry))],
});

const WIDE = { total: 100, perRegistry: 100 };

describe('admit', () => {
  it('brings the image that people want most to all nodes before the next', () => {
    const [newest, next] = [image('newest'), image('next')];
    const applicants = [applicant('a', 1, next), applicant('b', 0, newest), applicant('c', 0, newest)];

    const admitted = admit(applicants, [], { total: 2, perRegistry: 10 });

    expect(admitted.map(({ node }) => node)).toEqual(['b', 'a']);
    expect(admit(applicants, [], WIDE).map(({ node }) => node)).toEqual(['b', 'c', 'a']);
  });

  it('gives half of the places to others, whatever one image does', () => {
    const hanging = image('hanging');
    const active = Array.from({ length: 5 }, () => hanging);
    const applicants = [applicant('a', 0, hanging, image('next')), applicant('b', 0, hanging)];

    const admitted = admit(applicants, active, { total: 10, perRegistry: 10 });

    expect(admitted).toEqual([{ node: 'a', image: image('next') }]);
  });

  it('lets a full registry hold up nobody who wants another', () => {
    const [here, there] = [image('x', 'here'), image('y', 'there')];
    const active = [here, image('z', 'here')];

    const admitted = admit([applicant('a', 0, here), applicant('b', 1, there)], active, {
      total: 10,
      perRegistry: 2,
    });

    expect(admitted.map(({ node }) => node)).toEqual(['b']);
  });

  it('never admits more than any bound allows, and leaves no place empty that somebody could have', () => {
    const some = fc.record({ name: fc.constantFrom('a', 'b', 'c'), registry: fc.constantFrom('p', 'q') });
    const pulls = fc.array(
      some.map(({ name, registry }) => image(`${name}${registry}`, registry)),
      {
        minLength: 1,
        maxLength: 4,
      },
    );
    const bounds = fc.record({
      total: fc.integer({ min: 1, max: 8 }),
      perRegistry: fc.integer({ min: 1, max: 8 }),
    });
    fc.assert(
      fc.property(fc.array(pulls, { maxLength: 12 }), bounds, (wishes, bound) => {
        const applicants = wishes.map((images, index) => applicant(`n${index}`, index % 3, ...images));

        const admitted = admit(applicants, [], bound);

        const count = (test: (one: WantedImage) => boolean): number =>
          admitted.filter((one) => test(one.image)).length;
        const half = Math.ceil(Math.min(bound.total, bound.perRegistry) / 2);
        const fits = (one: WantedImage): boolean =>
          admitted.length < bound.total &&
          count(({ registry }) => registry === one.registry) < bound.perRegistry &&
          count(({ digest }) => digest === one.digest) < half;
        expect(admitted.length).toBeLessThanOrEqual(bound.total);
        for (const registry of ['p', 'q'])
          expect(count((one) => one.registry === registry)).toBeLessThanOrEqual(bound.perRegistry);
        const left = applicants.filter(({ node }) => !admitted.some((one) => one.node === node));
        expect(left.filter(({ images }) => images.some(fits))).toEqual([]);
      }),
    );
  });
});
