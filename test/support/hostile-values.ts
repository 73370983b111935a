import fc from 'fast-check';

const LONG = 253;

/** Names and words that have hurt somebody's parser, router, shell, page or cluster before. */
export const HOSTILE_WORDS: readonly string[] = [
  '',
  ' ',
  '.',
  '..',
  '../../etc/passwd',
  '%',
  '%00',
  '%2e%2e%2f',
  '\0',
  'a\nb',
  'a\r\nX-Injected: yes',
  'kube-system',
  'default',
  'berth',
  'userlabs-rachel',
  'rachel--xaaaaaaaaaa',
  'rachel/events',
  'rachel?dryRun=true',
  'rachel#',
  'rachel;x=1',
  'constructor',
  '__proto__',
  'toString',
  'null',
  'undefined',
  'true',
  '-1',
  '1e309',
  'NaN',
  'RACHEL',
  'rächel',
  'rachel\u200b',
  'rаchel',
  '𝓻achel',
  'rachel\u202elehcar',
  'ﬁne',
  '\ud800',
  "'; DROP TABLE labs; --",
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  '${jndi:ldap://x}',
  '{{constructor}}',
  '$(reboot)',
  '{"a":1}',
  'registry//lab::tag@@sha256:',
  'registry.example.org/lab:tag@sha256:' + 'z'.repeat(64),
  '[::1]:5000/lab:x',
  'UPPER.example.org/Lab:Tag',
  ':',
  '@',
  '/',
  `/${'p'.repeat(3_000)}`,
  'a'.repeat(LONG),
  'a'.repeat(LONG + 1),
  'é'.repeat(LONG),
];

const words = fc.constantFrom(...HOSTILE_WORDS);

/** Any text, and rather one that hurts. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: words },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 300 }) },
  { weight: 1, arbitrary: fc.tuple(words, words).map((pair) => pair.join('')) },
  { weight: 1, arbitrary: fc.constant('x'.repeat(20_000)) },
);

const deep = (depth: number): unknown => {
  let value: unknown = 'bottom';
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  return value;
};

/** Any value that JSON can write, and rather one that nobody thought of. */
export const hostileJson: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: hostileText },
  { weight: 3, arbitrary: fc.jsonValue({ maxDepth: 3, noUnicodeString: false }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom<unknown>(
      null,
      true,
      0,
      -1,
      1e308,
      2 ** 53,
      [],
      [[]],
      {},
      ['a', 'b'],
      [null],
      deep(500),
      JSON.parse('{"__proto__": {"polluted": true}, "constructor": {"prototype": 1}}'),
      Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`KEY_${index}`, index])),
      Array.from({ length: 2_000 }, () => 0),
    ),
  },
  { weight: 1, arbitrary: fc.array(hostileText, { maxLength: 3 }) },
  { weight: 1, arbitrary: fc.dictionary(hostileText, hostileText, { maxKeys: 4 }) },
);
