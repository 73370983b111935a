import { describe, expect, it } from 'vitest';

import { aNamespace, after, observed, remembered } from '../../test/gen/observed.js';
import { restoreNetwork } from './lab.network.policy.js';

describe('what leads to a lab', () => {
  it('is left alone while it is there', () => {
    expect(restoreNetwork(observed({ namespace: aNamespace() }), after(60))).toBeUndefined();
  });

  it('is made again, one kind a step', () => {
    const seen = observed({ namespace: aNamespace(), missing: ['NetworkPolicy', 'Service'] });

    expect(restoreNetwork(seen, after(60))).toEqual({
      kind: 'act',
      reason: 'network_missing',
      step: { do: 'restore_network', kind: 'NetworkPolicy' },
    });
  });

  it('waits before it tries the same again, and goes on with the other', () => {
    const tried = new Map([['NetworkPolicy', after(80)]] as const);
    const memory = { remembered: remembered({ restored: tried }), namespace: aNamespace() };

    const both = restoreNetwork(observed({ ...memory, missing: ['NetworkPolicy', 'Service'] }), after(60));
    const one = restoreNetwork(observed({ ...memory, missing: ['NetworkPolicy'] }), after(60));

    expect(both).toMatchObject({ step: { kind: 'Service' } });
    expect(one).toEqual({ kind: 'wait', reason: 'network_missing', until: after(80) });
  });

  it('goes with a namespace that goes', () => {
    const seen = observed({ namespace: aNamespace({ terminating: true }), missing: ['Service'] });

    expect(restoreNetwork(seen, after(60))).toBeUndefined();
  });
});
