import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { basicAuthorization, findCredentials, parseDockerConfig } from './registry.credentials.js';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const config = (auths: object): string => JSON.stringify({ auths });
const rachel = { username: 'rachel', password: 'pa:ss' };

describe('parseDockerConfig', () => {
  it('reads both ways of writing an entry, under hosts and under URLs', () => {
    const store = parseDockerConfig(
      config({
        'a.io': { auth: base64('rachel:pa:ss') },
        'B.io:5000': rachel,
        'https://c.io/v2/': { ...rachel, auth: base64('other:one') },
      }),
    );

    expect(store).toEqual(
      new Map([
        ['a.io', rachel],
        ['b.io:5000', rachel],
        ['c.io', rachel],
      ]),
    );
  });

  it('leaves out what holds no user and password', () => {
    const entries = {
      'a.io': {},
      'b.io': { auth: base64('nocolon') },
      'c.io': null,
      'd.io': { identitytoken: 'x' },
    };

    expect(parseDockerConfig(config(entries))).toEqual(new Map());
  });

  it.each(['', '{', '[]', 'null', '{"auths": 7}', '{}'])('refuses %j', (text) => {
    expect(parseDockerConfig(text)).toBeUndefined();
  });

  it('answers every text without throwing', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        parseDockerConfig(text);
        parseDockerConfig(`{"auths": ${text}}`);
      }),
    );
  });
});

describe('findCredentials', () => {
  const store = new Map([
    ['example.org', { username: 'domain', password: 'x' }],
    ['lab.example.org', { username: 'lab', password: 'x' }],
    ['index.docker.io', { username: 'hub', password: 'x' }],
  ]);

  it.each([
    ['lab.example.org', 'lab'],
    ['LAB.example.org', 'lab'],
    ['a.lab.example.org', 'lab'],
    ['other.example.org', 'domain'],
    ['docker.io', 'hub'],
    ['example.org:5000', undefined],
    ['evilexample.org', undefined],
    ['org', undefined],
  ])('finds for %s those of %s', (registry, username) => {
    expect(findCredentials(store, registry)?.username).toBe(username);
  });
});

describe('basicAuthorization', () => {
  it('encodes user and password in UTF-8', () => {
    expect(basicAuthorization({ username: 'rachel', password: 'pä:ss' })).toBe(
      `Basic ${base64('rachel:pä:ss')}`,
    );
  });
});
