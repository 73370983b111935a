import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Refused, isObject } from '../../http/index.js';
import { IMAGE_FIELDS, normaliseOptions } from './lab-options.js';

const field = fc.oneof(
  fc.constantFrom(
    null,
    '',
    'use_image_from_dropdown',
    'reg/lab:w_1',
    'true',
    'false',
    true,
    false,
    'Small',
    7,
  ),
  fc.array(fc.constantFrom('reg/lab:w_1', 'true', 'Small', null, ''), { maxLength: 3 }),
);
const keys = fc.constantFrom(...IMAGE_FIELDS, 'size', 'enable_debug', 'reset_user_env', 'other');

describe('normaliseOptions', () => {
  it('leaves exactly one image, no list and no null, or says why not', () => {
    fc.assert(
      fc.property(fc.dictionary(keys, field), (input) => {
        const options = normaliseOptions(input);
        if (options instanceof Refused) {
          expect(options.reason).toMatch(
            /^(Too many values for |No image to spawn|Image specified multiple ways)/,
          );
          return;
        }
        if (!isObject(options)) throw new Error('an object became none');
        expect(IMAGE_FIELDS.filter((name) => options[name] !== undefined)).toHaveLength(1);
        expect(Object.values(options).some((value) => Array.isArray(value) || value === null)).toBe(false);
        expect(options['image_list']).not.toBe('use_image_from_dropdown');
      }),
      { numRuns: 1_000 },
    );
  });

  it('says the same whether values come bare or as lists of one', () => {
    const bare = fc.dictionary(
      keys,
      fc.constantFrom('', 'use_image_from_dropdown', 'reg/lab:w_1', 'true', 'Small'),
    );
    fc.assert(
      fc.property(bare, (input) => {
        const listed = Object.fromEntries(Object.entries(input).map(([name, value]) => [name, [value]]));
        const [one, other] = [normaliseOptions(input), normaliseOptions(listed)];

        if (one instanceof Refused) expect(other).toMatchObject({ reason: one.reason });
        else expect(other).toEqual(one);
      }),
    );
  });

  it('does nothing to what is settled', () => {
    fc.assert(
      fc.property(fc.dictionary(keys, field), (input) => {
        const once = normaliseOptions(input);
        if (!(once instanceof Refused)) expect(normaliseOptions(once)).toEqual(once);
      }),
    );
  });

  it('passes on what is no object', () => {
    for (const input of [undefined, null, 7, 'text', []]) expect(normaliseOptions(input)).toBe(input);
  });
});
