import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { aUser, someSettings } from '../../../test/gen/index.js';
import { groupFile, homeDirectory, passwdFile } from './account.builder.js';

const { lab } = someSettings();
const addedLines = (content: string): string[] => content.trimEnd().split('\n').slice(1);

describe('passwdFile', () => {
  it('appends the user to the configured base', () => {
    expect(passwdFile(aUser(), lab)).toBe(
      'root:x:0:0:root:/root:/bin/bash\nrachel:x:1101:1101:Rachel Chen:/home/rachel:/bin/bash\n',
    );
  });

  it('leaves the name of a user without one empty', () => {
    expect(passwdFile(aUser({ name: null }), lab)).toContain(
      '\nrachel:x:1101:1101::/home/rachel:/bin/bash\n',
    );
  });

  it('adds no account for a name with a line break in it', () => {
    const name = 'Mallory\nroot2:x:0:0::/:/bin/sh\u2028\u0007';

    expect(addedLines(passwdFile(aUser({ name }), lab))).toEqual([
      'rachel:x:1101:1101:Mallory root2 x 0 0 / /bin/sh:/home/rachel:/bin/bash',
    ]);
  });

  it('ends a base that lacks its last line break', () => {
    const settings = { ...lab, nss: { basePasswd: 'root:x:0:0:::', baseGroup: 'root:x:0' } };

    expect(passwdFile(aUser(), settings)).toMatch(/^root:x:0:0:::\nrachel:/);
    expect(groupFile(aUser({ groups: [] }), settings)).toBe('root:x:0\n');
  });
});

describe('groupFile', () => {
  it('makes the user a member of every group but the primary one', () => {
    const groups = [
      { name: 'rachel', id: 1101 },
      { name: 'lunatics', id: 2028 },
    ];

    expect(groupFile(aUser({ groups }), lab)).toBe('root:x:0\nrachel:x:1101:\nlunatics:x:2028:rachel\n');
  });
});

describe('accounts of any text', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.stringMatching(/^[a-c:\n,/.]{0,8}$/),
    fc.constantFrom('..', '.', '', '../root', 'a/b', '-rf'),
  );

  it('are one line of seven fields with the right ids', () => {
    fc.assert(
      fc.property(text, text, (username, name) => {
        const lines = addedLines(passwdFile(aUser({ username, name }), lab));

        expect(lines).toHaveLength(1);
        const fields = lines[0]!.split(':');
        expect(fields).toHaveLength(7);
        expect(fields.slice(1, 4)).toEqual(['x', '1101', '1101']);
        expect(fields[0]).not.toBe('');
        expect(lines[0]).toMatch(/^\P{C}*$/u);
      }),
    );
  });

  it('are one line a group', () => {
    fc.assert(
      fc.property(text, fc.array(text, { maxLength: 5 }), (username, names) => {
        const groups = names.map((name, index) => ({ name, id: 2000 + index }));

        const lines = addedLines(groupFile(aUser({ username, groups }), lab));

        expect(lines.map((line) => line.split(':')[2])).toEqual(groups.map(({ id }) => String(id)));
        expect(lines.every((line) => /^[^:]+:x:\d+:[^:]+$/.test(line))).toBe(true);
      }),
    );
  });

  it('have a home below the prefix', () => {
    fc.assert(
      fc.property(text, (username) => {
        expect(homeDirectory(username, lab)).toMatch(/^\/home\/[^/.][^/]*$/);
      }),
    );
  });
});
