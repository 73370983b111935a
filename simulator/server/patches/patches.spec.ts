import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { applyJsonPatch } from './json-patch.js';
import { mergePatch } from './merge-patch.js';
import { strategicMerge } from './strategic-merge.js';

describe('applyJsonPatch', () => {
  it.each([
    ['adds to the end of a list', { a: [1] }, [{ op: 'add', path: '/a/-', value: 2 }], { a: [1, 2] }],
    ['inserts into a list', { a: [1, 3] }, [{ op: 'add', path: '/a/1', value: 2 }], { a: [1, 2, 3] }],
    ['reads escaped names', { 'a/b': 1, 'c~d': 2 }, [{ op: 'remove', path: '/a~1b' }], { 'c~d': 2 }],
    ['moves', { a: 1 }, [{ op: 'move', from: '/a', path: '/b' }], { b: 1 }],
    ['copies', { a: { x: 1 } }, [{ op: 'copy', from: '/a', path: '/b' }], { a: { x: 1 }, b: { x: 1 } }],
    ['replaces', { a: 1 }, [{ op: 'replace', path: '/a', value: 2 }], { a: 2 }],
    ['replaces what is absent', { a: 1 }, [{ op: 'replace', path: '/b', value: 2 }], { a: 1, b: 2 }],
    ['tests an absent field against null', { a: 1 }, [{ op: 'test', path: '/b', value: null }], { a: 1 }],
  ])('%s', (_name, document, patch, wanted) => {
    expect(applyJsonPatch(structuredClone(document), patch)).toEqual(wanted);
  });

  it.each([
    ['a failed test', [{ op: 'test', path: '/a', value: 2 }]],
    ['a test of an absent field', [{ op: 'test', path: '/zz', value: 2 }]],
    ['the removal of an absent field', [{ op: 'remove', path: '/zz' }]],
    ['the replacement of what lies below an absent field', [{ op: 'replace', path: '/zz/a', value: 1 }]],
    ['an unknown operation', [{ op: 'frob', path: '/a' }]],
    ['an index beyond the list', [{ op: 'add', path: '/l/5', value: 1 }]],
  ])('refuses %s with 422', (_name, patch) => {
    expect(() => applyJsonPatch({ a: 1, l: [] }, patch)).toThrow(
      expect.objectContaining({ code: 422, reason: 'Invalid' }),
    );
  });
});

describe('mergePatch', () => {
  it('merges objects, removes by null and replaces lists', () => {
    const merged = mergePatch({ a: { b: 1, c: 2 }, l: [1, 2] }, { a: { b: null, d: 3 }, l: [3] });

    expect(merged).toEqual({ a: { c: 2, d: 3 }, l: [3] });
  });

  it('does the same when applied twice', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.dictionary(fc.string(), fc.jsonValue()),
        (target, patch) => {
          const once = mergePatch(target, patch);

          expect(mergePatch(once, patch)).toEqual(once);
        },
      ),
    );
  });
});

describe('strategicMerge', () => {
  const containers = [
    { name: 'a', image: '1', env: [{ name: 'X', value: '1' }] },
    { name: 'b', image: '1' },
  ];

  it('merges containers and their variables by name', () => {
    const patch = { containers: [{ name: 'a', env: [{ name: 'Y', value: '2' }] }] };

    expect(strategicMerge({ containers: structuredClone(containers) }, patch)).toEqual({
      containers: [
        {
          name: 'a',
          image: '1',
          env: [
            { name: 'Y', value: '2' },
            { name: 'X', value: '1' },
          ],
        },
        { name: 'b', image: '1' },
      ],
    });
  });

  it('deletes an item by its key and keeps the wished order', () => {
    const patch = {
      '$setElementOrder/containers': [{ name: 'c' }, { name: 'b' }],
      containers: [
        { name: 'a', $patch: 'delete' },
        { name: 'c', image: '2' },
      ],
    };

    expect(strategicMerge({ containers: structuredClone(containers) }, patch)).toEqual({
      containers: [
        { name: 'c', image: '2' },
        { name: 'b', image: '1' },
      ],
    });
  });

  it('merges conditions by type, finalizers as a set, owners by uid', () => {
    const target = {
      conditions: [{ type: 'A', status: 'False' }],
      finalizers: ['x'],
      ownerReferences: [{ uid: '1' }],
    };
    const patch = {
      conditions: [{ type: 'A', status: 'True' }],
      finalizers: ['y', 'x'],
      ownerReferences: [{ uid: '1', $patch: 'delete' }],
    };

    expect(strategicMerge(target, patch)).toEqual({
      conditions: [{ type: 'A', status: 'True' }],
      finalizers: ['y', 'x'],
      ownerReferences: [],
    });
  });

  it('takes plain values out of a list', () => {
    const patch = { '$deleteFromPrimitiveList/finalizers': ['x'] };

    expect(strategicMerge({ finalizers: ['x', 'y'] }, patch)).toEqual({ finalizers: ['y'] });
  });

  it('replaces tolerations whole, and maps marked so', () => {
    const target = { tolerations: [{ key: 'a' }], labels: { a: '1' } };

    expect(
      strategicMerge(target, { tolerations: [{ key: 'b' }], labels: { $patch: 'replace', b: '2' } }),
    ).toEqual({
      tolerations: [{ key: 'b' }],
      labels: { b: '2' },
    });
  });
});
