import { z } from 'zod';

/**
 * At least one character, or one item.
 *
 * `min(1)` of zod asks everything that has a `length`, also a map with a key of that name: it tells twice
 * what is wrong, and throws a TypeError where that value can't be compared with a number.
 */
export const notEmpty = () =>
  new z.core.$ZodCheckMinLength({
    check: 'min_length',
    minimum: 1,
    when: ({ value }) => typeof value === 'string' || Array.isArray(value),
  });

/** Text of at least one character. */
export const filled = () => z.string().check(notEmpty());
