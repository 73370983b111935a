import { describe, expect, it } from 'vitest';
import type { KubeObject } from './resource.js';
import { fieldTest, labelTest } from './selector.js';

const labelled = (labels?: Record<string, string>): KubeObject =>
  JSON.parse(JSON.stringify({ metadata: { labels } })) as KubeObject;

describe('labelTest', () => {
  it.each<[selector: string, matches: Record<string, string>[], not: (Record<string, string> | undefined)[]]>(
    [
      ['app=lab', [{ app: 'lab', more: '1' }], [{ app: 'x' }, {}, undefined]],
      ['app==lab', [{ app: 'lab' }], [{ app: '' }]],
      ['app!=lab', [{ app: 'x' }, {}], [{ app: 'lab' }]],
      ['berth.dev/owner', [{ 'berth.dev/owner': '' }], [{}]],
      ['!berth.dev/owner', [{}], [{ 'berth.dev/owner': 'u' }]],
      [
        'app in (lab, files),tier',
        [{ app: 'files', tier: '1' }],
        [{ app: 'files' }, { app: 'x', tier: '1' }, { tier: '1' }],
      ],
      ['app notin (lab)', [{ app: 'x' }, {}], [{ app: 'lab' }]],
    ],
  )('reads %s as the API server does', (selector, matches, not) => {
    const test = labelTest(selector);

    for (const labels of matches) expect(test(labelled(labels))).toBe(true);
    for (const labels of not) expect(test(labelled(labels))).toBe(false);
  });

  it('refuses what it cannot read', () => {
    expect(() => labelTest('a > 3')).toThrow("cannot read the selector 'a > 3'");
  });
});

describe('fieldTest', () => {
  it('compares any field, a missing one as the empty string', () => {
    const secret = { type: 'berth.dev/request', spec: { nodeName: 'n1' } } as KubeObject;

    expect(fieldTest('type=berth.dev/request,spec.nodeName!=n2')(secret)).toBe(true);
    expect(fieldTest('type=Opaque')(secret)).toBe(false);
    expect(fieldTest('status.phase=')(secret)).toBe(true);
  });
});
