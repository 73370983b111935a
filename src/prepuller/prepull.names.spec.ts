import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { prepullName } from './prepull.names.js';

const POD_NAME = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;
const tag = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/);
const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
const node = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'));

describe('prepullName', () => {
  it('is the tag and the node, as far as a name may be that', () => {
    expect(prepullName('w_2077_43', 'node2')).toBe('prepull-w-2077-43-node2');
    expect(prepullName('r27.0.0', 'n-1.example.org')).toBe('prepull-r27.0.0-n-1.example.org');
  });

  it('tells apart tags that differ only in capitals', () => {
    const [one, other] = [prepullName('exp_ABC', 'n'), prepullName('exp_abc', 'n')];

    expect(one).toMatch(/^prepull-exp-abc-n-[0-9a-f]{8}$/);
    expect(other).toBe('prepull-exp-abc-n');
  });

  it('makes a name that Kubernetes accepts of any tag and node', () => {
    fc.assert(
      fc.property(tag, node, (some, name) => {
        const made = prepullName(some, name);
        expect(made).toMatch(POD_NAME);
        expect(made.length).toBeLessThanOrEqual(253);
      }),
    );
  });
});
