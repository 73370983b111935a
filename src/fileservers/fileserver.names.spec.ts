import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { claimName, objectName, serverName, serverOfObject } from './fileserver.names.js';

const DNS_1035 = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const VOLUME = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?$/);
/** What people are called, what only somebody who means harm is called, and what lies between. */
const USER = fc.oneof(
  fc.stringMatching(/^[a-z0-9][-a-z0-9]{0,30}$/),
  fc.string({ minLength: 1, maxLength: 100 }),
  fc.stringMatching(/^[a-z]{1,3}-fs(-pvc-[a-z]{1,3}){0,2}$/),
  fc.constantFrom('9lives', '-', 'a.b', 'A', 'a--xabcdefghij', 'x-fs-pvc-y', 'é', 'rachel@example.org'),
);

describe('the names of a file server', () => {
  it('are ones that a Service, a Job and a label may have, for any user', () => {
    fc.assert(
      fc.property(USER, (user) => {
        const name = objectName(serverName(user));

        expect(name).toMatch(DNS_1035);
        expect(name.length).toBeLessThanOrEqual(63);
        expect(serverOfObject(name)).toBe(serverName(user));
      }),
    );
  });

  it('belong to one user, and to one volume', () => {
    fc.assert(
      fc.property(USER, VOLUME, USER, VOLUME, (user, volume, other, another) => {
        const [one, two] = [serverName(user), serverName(other)];

        expect(one === two).toBe(user === other);
        expect(claimName(one, volume) === claimName(two, another)).toBe(user === other && volume === another);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['rachel', 'rachel'],
    ['9lives', /^u-9lives--x[a-z2-7]{10}$/],
    ['Rachel', /^rachel--x[a-z2-7]{10}$/],
    ['x-fs-pvc-y', /^x-y--x[a-z2-7]{10}$/],
  ])('of %s are built on %s', (user, name) => {
    expect(serverName(user)).toMatch(name);
  });
});
