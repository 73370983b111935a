import { describe, expect, it } from 'vitest';
import { isAllowed, type Party, type Policy } from './evaluator.js';

const pod = (namespace: string, labels: Record<string, string>, address = '10.0.0.1'): Party => ({
  namespace: { name: namespace, labels: { name: namespace } },
  labels,
  address,
});
const web = pod('a', { app: 'web' }, '10.0.0.2');
const spec = (parts: Policy['spec']): Policy => ({ metadata: { namespace: 'a' }, spec: parts });
const to = { party: web, port: 80, portName: 'http' };

describe('isAllowed', () => {
  it.each<[string, Policy[], Party, boolean]>([
    ['anybody in where there is no policy', [], pod('b', {}), true],
    ['nobody in by a policy without rules', [spec({ podSelector: {} })], pod('a', {}), false],
    [
      'anybody in by a policy that selects others',
      [spec({ podSelector: { matchLabels: { app: 'db' } } })],
      pod('b', {}),
      true,
    ],
    ['everybody in by a rule without peers', [spec({ podSelector: {}, ingress: [{}] })], pod('b', {}), true],
    [
      'pods of the same namespace by a pod selector alone',
      [spec({ podSelector: {}, ingress: [{ from: [{ podSelector: {} }] }] })],
      pod('b', {}),
      false,
    ],
    [
      'only pods that both selectors of one peer take',
      [
        spec({
          podSelector: {},
          ingress: [{ from: [{ namespaceSelector: {}, podSelector: { matchLabels: { app: 'hub' } } }] }],
        }),
      ],
      pod('b', { app: 'other' }),
      false,
    ],
    [
      'who is in the block and not in its exception',
      [
        spec({
          podSelector: {},
          ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } }] }],
        }),
      ],
      { address: '10.1.2.3' },
      false,
    ],
    [
      'a port by its name',
      [spec({ podSelector: {}, ingress: [{ ports: [{ port: 'http' }] }] })],
      pod('b', {}),
      true,
    ],
    [
      'no port outside of a range',
      [spec({ podSelector: {}, ingress: [{ ports: [{ port: 81, endPort: 90 }] }] })],
      pod('b', {}),
      false,
    ],
    [
      'what one of several policies allows',
      [spec({ podSelector: {} }), spec({ podSelector: {}, ingress: [{}] })],
      pod('b', {}),
      true,
    ],
  ])('lets in %s', (_, policies, from, expected) => {
    expect(isAllowed(policies, from, to)).toBe(expected);
  });

  it('holds back whoever may not go out, whatever the other end says', () => {
    const closed: Policy = { metadata: { namespace: 'b' }, spec: { policyTypes: ['Egress'], egress: [] } };

    expect(isAllowed([closed], pod('b', {}), to)).toBe(false);
    expect(isAllowed([closed], pod('c', {}), to)).toBe(true);
  });

  it('knows each operator of a selector, and no other', () => {
    const by = (operator: string, values?: string[]): boolean =>
      isAllowed(
        [
          spec({
            podSelector: { matchExpressions: [{ key: 'app', operator, ...(values && { values }) }] },
          }),
        ],
        pod('b', {}),
        to,
      );

    expect([by('In', ['web']), by('NotIn', ['web']), by('Exists'), by('DoesNotExist')]).toEqual([
      false,
      true,
      false,
      true,
    ]);
    expect(() => by('Like')).toThrow('Like');
  });
});
