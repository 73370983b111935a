import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { USER_LABEL, labKeyOf, labName, nameAnnotations, objectNames } from './lab.names.js';
import { requestSecretName, userNamespace } from './lab.names.js';
import type { LabKey } from './lab.names.js';

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;
const LABEL_VALUE = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

describe('labName', () => {
  it('is the plain username for the lab default', () => {
    expect(labName('rachel')).toBe('rachel');
    expect(labName('a-b-1')).toBe('a-b-1');
    expect(labName('1abc')).toBe('1abc');
  });

  it('is a slug where the username is no valid name', () => {
    expect(labName('Rachel')).toMatch(/^rachel--x[a-z2-7]{10}$/);
    expect(labName('rachel@example.org')).toMatch(/^rachel-example-org--x[a-z2-7]{10}$/);
    expect(labName('..')).toMatch(/^u--x[a-z2-7]{10}$/);
    expect(labName('élodie')).toMatch(/^lodie--x[a-z2-7]{10}$/);
    expect(labName('a'.repeat(64))).toMatch(/^a{50}--x[a-z2-7]{10}$/);
  });

  it('slugs a username that reads like a slug, so that nobody can choose the name of somebody else', () => {
    const slug = labName('Rachel');

    expect(labName(slug)).not.toBe(slug);
  });

  it('keeps two labs of users whose names run together apart', () => {
    expect(labName('a', 'b-c')).not.toBe(labName('a-b', 'c'));
    expect(labName('a', 'b')).not.toBe(labName('a-b'));
  });

  it('never changes from one release to the next', () => {
    expect(labName('Rachel')).toBe('rachel--xgii53nug5z');
    expect(labName('rachel', 'gpu')).toBe('rachel-gpu--x7bdflgp3y2');
  });
});

describe('objectNames', () => {
  it("gives the contract's names for the lab default", () => {
    const { claim, ...names } = objectNames('userlabs', 'rachel');

    expect(names).toEqual({
      namespace: 'userlabs-rachel',
      user: 'rachel',
      env: 'rachel-nb-env',
      nss: 'rachel-nb-nss',
      files: 'rachel-nb-files',
      secret: 'rachel-nb',
      pod: 'rachel-nb',
      quota: 'rachel-nb',
      policy: 'rachel-nb',
      pullSecret: 'pull-secret',
      service: 'lab',
      serviceAccount: 'default',
    });
    expect(claim('scratch')).toBe('rachel-nb-pvc-scratch');
  });

  it('slugs everything in the namespace when only the namespace would be too long', () => {
    const username = 'r'.repeat(60);

    const names = objectNames('userlabs', username);

    expect(names.namespace).toHaveLength(63);
    expect(names.namespace).toBe(`userlabs-${names.user}`);
    expect(names.pod).toBe(`${names.user}-nb`);
    expect(names.user).toMatch(/^r+--x[a-z2-7]{10}$/);
  });
});

describe('labKeyOf', () => {
  const labelled = (name: string, user: string, annotations = {}) =>
    labKeyOf('userlabs', { name, labels: { [USER_LABEL]: user }, annotations });

  it('knows the namespaces that a Nublado controller made', () => {
    expect(labelled('userlabs-rachel', 'rachel')).toEqual({ username: 'rachel', labName: 'default' });
  });

  it("refuses a namespace that isn't labelled with the rest of its name", () => {
    expect(labKeyOf('userlabs', { name: 'userlabs-rachel' })).toBeUndefined();
    expect(labelled('userlabs-rachel', 'ribbon')).toBeUndefined();
    expect(labelled('userlabs', 'rachel')).toBeUndefined();
    expect(labelled('other-rachel', 'rachel')).toBeUndefined();
  });

  it('refuses a raw name that does not lead to this namespace', () => {
    const forged = { 'berth.dev/raw-name': 'Rachel' };

    expect(labelled('userlabs-rachel', 'rachel', forged)).toBeUndefined();
    expect(labelled('userlabs-rachel--xaaaaaaaaaa', 'rachel--xaaaaaaaaaa', forged)).toBeUndefined();
    expect(labelled('userlabs-rachel--xaaaaaaaaaa', 'rachel--xaaaaaaaaaa')).toBeUndefined();
  });
});

describe('the laws of names', () => {
  const part = fc.stringMatching(/^[ab-]{1,6}$/);
  const slugLike = fc.constantFrom(labName('A'), labName('a', 'b'), 'a--xaaaaaaaaaa');
  const username = fc.oneof(part, slugLike, fc.string({ minLength: 1, maxLength: 80, unit: 'binary' }));
  const key: fc.Arbitrary<LabKey> = fc.record({
    username,
    labName: fc.oneof(fc.constant('default'), part),
  });
  const volume = fc.stringMatching(/^[a-c]([-a-c]{0,5}[a-c])?$/);
  const prefix = fc.constantFrom('userlabs', 'u', 'a-prefix-that-takes-nearly-all-of-it');
  const operation = fc.stringMatching(/^[a-z2-7]{10}$/);

  it('leads from every name back to its lab', () => {
    fc.assert(
      fc.property(prefix, key, (start, lab) => {
        const names = objectNames(start, lab.username, lab.labName);
        const annotations = nameAnnotations(lab, names.user);
        const namespace = { name: names.namespace, labels: { [USER_LABEL]: names.user }, annotations };

        expect(labKeyOf(start, namespace)).toEqual(lab);
      }),
    );
  });

  it('makes only names that Kubernetes accepts', () => {
    fc.assert(
      fc.property(prefix, key, volume, operation, (start, lab, claimed, id) => {
        const names = objectNames(start, lab.username, lab.labName);
        const name = labName(lab.username, lab.labName);

        expect(userNamespace(start, lab.username, lab.labName)).toMatch(DNS_LABEL);
        expect(names.user).toMatch(LABEL_VALUE);
        for (const inside of [names.env, names.nss, names.files, names.pod, names.claim(claimed)]) {
          expect(inside).toMatch(DNS_SUBDOMAIN);
        }
        expect(name).toMatch(DNS_LABEL);
        expect(requestSecretName(name, id)).toMatch(DNS_SUBDOMAIN);
      }),
    );
  });

  it('never gives two things the same kind, namespace and name', () => {
    const thing = fc.record({
      instance: fc.constantFrom('nublado', 'berth'),
      lab: key,
      claimed: volume,
      id: operation,
    });

    fc.assert(
      fc.property(prefix, thing, thing, (start, one, other) => {
        const places = [one, other].map(({ instance, lab, claimed, id }) => {
          const names = objectNames(start, lab.username, lab.labName);
          const name = labName(lab.username, lab.labName);
          return {
            lab: [JSON.stringify(lab), names.namespace],
            resource: [JSON.stringify([instance, lab]), `${instance}/${name}`],
            request: [JSON.stringify([instance, lab, id]), `${instance}/${requestSecretName(name, id)}`],
            claim: [JSON.stringify([lab, claimed]), `${names.namespace}/${names.claim(claimed)}`],
          };
        });

        for (const kind of ['lab', 'resource', 'request', 'claim'] as const) {
          const [[what, where], [otherThing, elsewhere]] = places.map((place) => place[kind]) as [
            string[],
            string[],
          ];
          expect(where === elsewhere).toBe(what === otherThing);
        }
      }),
    );
  });

  it('gives no two objects of a lab the same kind and name', () => {
    const names = objectNames('userlabs', 'rachel');

    expect(new Set([names.env, names.nss, names.files]).size).toBe(3);
    expect(names.secret).not.toBe(names.pullSecret);
  });
});
