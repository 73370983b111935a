import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from './resource.js';
import { Store } from './store.js';
import type { Change } from './store.js';
import { compareVersions } from './versions.js';

const object = (name: string, uid: string, version: number): KubeObject =>
  JSON.parse(JSON.stringify({ metadata: { name, uid, resourceVersion: String(version) } })) as KubeObject;

function aStore(): { store: Store<KubeObject, KubeObject>; changes: Change<KubeObject>[] } {
  const changes: Change<KubeObject>[] = [];
  const indexes = { uid: (value: KubeObject) => [value.metadata?.uid ?? ''] };
  const onChange = (change: Change<KubeObject>): number => changes.push(change);
  return { store: new Store({ project: (value: KubeObject) => value, indexes, onChange }), changes };
}

describe('Store', () => {
  it('is not rolled back by a late watch event', () => {
    const { store, changes } = aStore();
    store.put(object('a', 'u', 5));
    store.put(object('a', 'u', 7));

    store.put(object('a', 'u', 6));

    expect(store.get('a')?.metadata?.resourceVersion).toBe('7');
    expect(changes).toHaveLength(2);
  });

  it('does not bring back what a deletion told was gone', () => {
    const { store } = aStore();
    store.put(object('a', 'u', 5));
    store.remove({ name: 'a' }, 'u');

    store.put(object('a', 'u', 6));
    expect(store.size).toBe(0);

    store.put(object('a', 'other', 9));
    expect(store.by('uid', 'other')).toHaveLength(1);
  });

  it('lets an object come back that left the selection and matches again', () => {
    const { store } = aStore();
    store.put(object('a', 'u', 5));
    store.remove({ name: 'a' }, 'u', '6');

    store.put(object('a', 'u', 5));
    expect(store.size).toBe(0);

    store.put(object('a', 'u', 8));
    expect(store.size).toBe(1);
  });

  it('tells a recreated object as the deletion of the one and the addition of the other', () => {
    const { store, changes } = aStore();
    store.put(object('a', 'old', 5));

    store.put(object('a', 'new', 9));

    expect(changes.map(({ kind, value }) => `${kind} ${value.metadata?.uid ?? ''}`)).toEqual([
      'added old',
      'deleted old',
      'added new',
    ]);
    store.remove({ name: 'a' }, 'old', '8');
    expect(store.size).toBe(1);
  });

  it('keeps in a sweep what is newer than the list', () => {
    const { store } = aStore();
    store.put(object('listed', 'l', 3));
    store.put(object('gone', 'g', 4));
    store.put(object('just-written', 'w', 12));

    store.sweep(new Set(['l']), '10');

    expect(store.list().map((value) => value.metadata?.name)).toEqual(['listed', 'just-written']);
  });

  it('ends in the same state however the tellings of one history are mixed, repeated and reordered', () => {
    const history = fc.array(
      fc.record({ name: fc.constantFrom('a', 'b', 'c'), op: fc.constantFrom('put', 'remove') }),
      {
        maxLength: 30,
      },
    );
    const told = history.chain((steps) => fc.tuple(fc.constant(steps), fc.infiniteStream(fc.nat())));

    fc.assert(
      fc.property(told, ([steps, noise]) => {
        const { store } = aStore();
        const truth = new Map<string, { uid: string; version: number }>();
        const tellings: (() => void)[] = [];
        steps.forEach(({ name, op }, index) => {
          const version = index + 1;
          const live = truth.get(name);
          const uid = live?.uid ?? `${name}-${version}`;
          if (op === 'put') truth.set(name, { uid, version });
          else truth.delete(name);
          const isTold = op === 'put' || live !== undefined;
          const tell = (): void =>
            op === 'put'
              ? store.put(object(name, uid, version))
              : store.remove({ name }, uid, String(version));
          if (isTold) tellings.push(tell);
          tell();
          // Something told before is told again, late.
          const again = tellings[(noise.next().value ?? 0) % Math.max(1, tellings.length)];
          again?.();
        });

        const seen = store
          .list()
          .map((value) => `${value.metadata?.uid ?? ''}@${value.metadata?.resourceVersion ?? ''}`);
        expect(seen.sort()).toEqual(
          [...truth.values()].map(({ uid, version }) => `${uid}@${version}`).sort(),
        );
      }),
    );
  });
});

describe('compareVersions', () => {
  it('orders decimal numbers of any length', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n }), fc.bigInt({ min: 0n }), (a, b) => {
        expect(Math.sign(compareVersions(String(a), String(b)))).toBe(a < b ? -1 : a > b ? 1 : 0);
      }),
    );
  });

  it('refuses nothing that it cannot read', () => {
    expect(compareVersions('', '7')).toBe(0);
    expect(compareVersions('abc', '7')).toBe(0);
  });
});
