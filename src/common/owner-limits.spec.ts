import { describe, expect, it } from 'vitest';
import { aUser } from '../../test/gen/index.js';
import { ownerProblem, recordable } from './owner-limits.js';

const groups = (count: number) =>
  Array.from({ length: count }, (_, id) => ({ name: `g${id}`, id: 5000 + id }));

describe('ownerProblem', () => {
  it('accepts a thousand groups and no more', () => {
    expect(ownerProblem(aUser({ groups: groups(1000) }))).toBeUndefined();
    expect(ownerProblem(aUser({ groups: groups(1001) }))).toMatchObject({
      reason: 'too_many_groups',
      message: expect.stringContaining('1001 groups') as string,
    });
  });

  it.each([{ uid: 0 }, { gid: 0 }, { uid: 2 ** 31 }, { gid: 1.5 }, { groups: [{ name: 'g', id: -1 }] }])(
    'refuses ids that no pod can have: %j',
    (parts) => {
      expect(ownerProblem(aUser(parts))?.reason).toBe('id_out_of_range');
    },
  );

  it('counts the characters of names as the schema of a record does', () => {
    expect(ownerProblem(aUser({ username: '😀'.repeat(253) }))).toBeUndefined();
    expect(ownerProblem(aUser({ username: 'a'.repeat(254) }))).toEqual({
      reason: 'username_too_long',
      message: 'The username has 254 characters, expected at most 253',
      location: ['path', 'username'],
    });
    expect(ownerProblem(aUser({ groups: [{ name: 'é'.repeat(253), id: 1 }] }))).toBeUndefined();
    expect(ownerProblem(aUser({ groups: [{ name: 'g'.repeat(254), id: 1 }] }))?.reason).toBe(
      'group_name_too_long',
    );
  });
});

describe('recordable', () => {
  it('leaves a name alone that fits, and none', () => {
    const one = aUser({ name: '😀'.repeat(1024) });
    const nameless = aUser({ name: null });

    expect(recordable(one)).toBe(one);
    expect(recordable(nameless)).toBe(nameless);
  });

  it('cuts a longer one to what a record takes, never through a character', () => {
    expect(recordable(aUser({ name: '😀'.repeat(1025) })).name).toBe(`${'😀'.repeat(1023)}…`);
  });
});
