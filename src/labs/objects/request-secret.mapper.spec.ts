import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { MalformedRequestSecret, buildRequestSecret, readRequestSecret } from './index.js';
import type { LabRequestData } from './index.js';

type RequestSecret = ReturnType<typeof buildRequestSecret>;

const build = (data: LabRequestData) =>
  buildRequestSecret({
    lab: { name: 'rachel', uid: 'u-1' },
    operationId: 'abcdefghij',
    data,
    namespace: 'nublado',
  });

describe('the request Secret', () => {
  it('is of our type, immutable, and owned by the Lab alone', () => {
    const { data, ...rest } = build({ env: { A: '' }, token: 'gt-1' });

    expect(rest).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name: 'lab-request-rachel-abcdefghij',
        namespace: 'nublado',
        labels: { 'berth.dev/operation': 'abcdefghij' },
        ownerReferences: [
          {
            apiVersion: 'berth.dev/v1alpha1',
            kind: 'Lab',
            name: 'rachel',
            uid: 'u-1',
            controller: true,
            blockOwnerDeletion: false,
          },
        ],
      },
      type: 'berth.dev/lab-request',
      immutable: true,
    });
    expect(Object.keys(data ?? {})).toEqual(['env', 'token']);
  });

  it('gives back what was put in, whatever it was', () => {
    const text = fc.string({ unit: 'binary' });

    fc.assert(
      fc.property(fc.dictionary(text, text), text, (env, token) => {
        expect(readRequestSecret(build({ env, token }))).toEqual({ env, token });
      }),
    );
  });

  it.each([
    ['another type', { type: 'Opaque' }],
    ['no data', { data: {} }],
    ['no token', { data: { env: 'e30=' } }],
    ['an environment that is no JSON', { data: { env: 'eyd7', token: '' } }],
    ['an environment that is no map', { data: { env: 'W10=', token: '' } }],
    ['a value that is no text', { data: { env: 'eyJhIjoxfQ==', token: '' } }],
  ])('is refused with %s', (_what, parts) => {
    const secret: RequestSecret = { ...build({ env: {}, token: 'gt-1' }), ...parts };

    expect(() => readRequestSecret(secret)).toThrow(MalformedRequestSecret);
  });
});
