import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseChallenges } from './registry.challenge.js';

const read = (header: string) =>
  parseChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);

describe('parseChallenges', () => {
  it.each<[string, unknown]>([
    ['Basic realm="Registry Realm"', [['basic', { realm: 'Registry Realm' }]]],
    [
      'Bearer realm="https://a.io/token",service="reg",scope="repository:lab:pull,push"',
      [['bearer', { realm: 'https://a.io/token', service: 'reg', scope: 'repository:lab:pull,push' }]],
    ],
    ['bearer Realm = https://a.io/t , SERVICE=x', [['bearer', { realm: 'https://a.io/t', service: 'x' }]]],
    [
      'Basic realm="a, b=c", Bearer realm="d"',
      [
        ['basic', { realm: 'a, b=c' }],
        ['bearer', { realm: 'd' }],
      ],
    ],
    ['Basic realm="a \\"quoted\\" word"', [['basic', { realm: 'a "quoted" word' }]]],
    ['Negotiate', [['negotiate', {}]]],
    ['realm="nobody"', []],
    ['Bearer realm="unfinished', [['bearer', { realm: '' }]]],
    ['', []],
  ])('reads %s', (header, challenges) => {
    expect(read(header)).toEqual(challenges);
  });

  it('answers every text without throwing', () => {
    const alphabet = fc.constantFrom('Basic', 'Bearer', 'realm', '=', '"', ',', ' ', '\\', 'é', '\n');
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(alphabet).map((parts) => parts.join('')),
    );

    fc.assert(fc.property(text, (header) => Array.isArray(parseChallenges(header))));
  });
});
