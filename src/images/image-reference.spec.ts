import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPullableDigest, parseReference, printReference } from './image-reference.js';

const hex64 = '0123456789abcdef'.repeat(4);

describe('parseReference', () => {
  it.each([
    ['docker.io/library/ubuntu', { registry: 'docker.io', repository: 'library/ubuntu' }],
    ['lsst.io/sciplat-lab:w_2077_43', { registry: 'lsst.io', repository: 'sciplat-lab', tag: 'w_2077_43' }],
    ['localhost/lab:a', { registry: 'localhost', repository: 'lab', tag: 'a' }],
    ['localhost:5000/lab:a', { registry: 'localhost:5000', repository: 'lab', tag: 'a' }],
    ['127.0.0.1:5000/a/b/c', { registry: '127.0.0.1:5000', repository: 'a/b/c' }],
    ['[::1]:5000/lab', { registry: '[::1]:5000', repository: 'lab' }],
    ['[2001:db8::7]/lab:x', { registry: '[2001:db8::7]', repository: 'lab', tag: 'x' }],
    ['r.io/a__b/c-d.e', { registry: 'r.io', repository: 'a__b/c-d.e' }],
    [
      'r.io/lab:r21_0_1_c0031.004-amd64',
      { registry: 'r.io', repository: 'lab', tag: 'r21_0_1_c0031.004-amd64' },
    ],
    ['r.io/lab@sha256:5678', { registry: 'r.io', repository: 'lab', digest: 'sha256:5678' }],
    [
      `r.io/lab:recommended@sha256:${hex64}`,
      { registry: 'r.io', repository: 'lab', tag: 'recommended', digest: `sha256:${hex64}` },
    ],
  ])('reads %s', (text, reference) => {
    expect(parseReference(text)).toEqual({ ok: true, reference });
  });

  it.each([
    ['', 'no_registry'],
    ['ubuntu', 'no_registry'],
    ['ubuntu:22.04', 'no_registry'],
    ['/lab:a', 'invalid_registry'],
    ['-bad.io/lab', 'invalid_registry'],
    ['user@host/lab', 'invalid_registry'],
    ['r.io:0/lab', 'invalid_registry'],
    ['r.io:70000/lab', 'invalid_registry'],
    ['r.io:/lab', 'invalid_registry'],
    ['[5000]/lab', 'invalid_registry'],
    ['https://r.io/lab', 'invalid_registry'],
    ['r.io/', 'invalid_repository'],
    ['r.io/Lab', 'invalid_repository'],
    ['r.io/a//b', 'invalid_repository'],
    ['r.io/../b', 'invalid_repository'],
    [`r.io/${'a'.repeat(256)}`, 'invalid_repository'],
    ['r.io/lab:', 'invalid_tag'],
    ['r.io/lab:.a', 'invalid_tag'],
    ['r.io/lab:a:b', 'invalid_tag'],
    ['r.io/lab:a\n', 'invalid_tag'],
    [`r.io/lab:${'a'.repeat(129)}`, 'invalid_tag'],
    ['r.io/lab@', 'invalid_digest'],
    ['r.io/lab@sha256', 'invalid_digest'],
    ['r.io/lab:a@sha256:12@sha256:34', 'invalid_digest'],
    [`r.io/${'a/'.repeat(600)}`, 'too_long'],
  ])('refuses %j as %s', (text, problem) => {
    expect(parseReference(text)).toEqual({ ok: false, problem });
  });

  it('answers every text without throwing, and whatever it accepts is printed back letter for letter', () => {
    const alphabet = fc.constantFrom(
      'a',
      'b',
      '0',
      'Z',
      '.',
      '-',
      '_',
      ':',
      '/',
      '@',
      '[',
      ']',
      ' ',
      'é',
      'sha256:',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(alphabet).map((parts) => parts.join('')),
    );

    fc.assert(
      fc.property(text, (input) => {
        const parsed = parseReference(input);
        if (parsed.ok) expect(printReference(parsed.reference)).toBe(input);
      }),
      { numRuns: 1000 },
    );
  });

  it('reads back every reference that it prints', () => {
    const name = fc.stringMatching(/^[a-z0-9]{1,8}([._-][a-z0-9]{1,8}){0,2}$/);
    const reference = fc.record(
      {
        registry: fc.oneof(
          name.filter((text) => !text.includes('_')),
          fc.constantFrom('[::1]:5000', 'r.io:443'),
        ),
        repository: fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/')),
        tag: fc.stringMatching(/^\w[\w.-]{0,127}$/),
        digest: fc.stringMatching(/^sha(256|512):[a-f0-9]{4,64}$/),
      },
      { requiredKeys: ['registry', 'repository'] },
    );

    fc.assert(
      fc.property(reference, (wanted) => {
        expect(parseReference(printReference(wanted))).toEqual({ ok: true, reference: wanted });
      }),
    );
  });
});

describe('isPullableDigest', () => {
  it.each([
    [`sha256:${hex64}`, true],
    [`sha512:${hex64}${hex64}`, true],
    ['sha256:5678', false],
    [`sha256:${hex64.toUpperCase()}`, false],
    [`sha512:${hex64}`, false],
    [`sha384:${hex64}${hex64.slice(32)}`, true],
    ['sha384:5678', false],
    [`sha256:${hex64}\n`, false],
    [`blake3:${hex64}`, false],
    ['blake3:abc', false],
    ['nonsense', false],
  ])('%s: %s', (digest, pullable) => {
    expect(isPullableDigest(digest)).toBe(pullable);
  });
});
