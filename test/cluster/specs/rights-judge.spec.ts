import { describe, expect, it } from 'vitest';
import type { AuditedRequest } from '../harness/index.js';
import { judge } from '../support/rights-judge.js';

const aRequest = (parts: Partial<AuditedRequest> = {}): AuditedRequest => ({
  userAgent: 'berth/1.2.3 (one)',
  verb: 'create',
  requestReceivedTimestamp: '2026-01-01T00:00:00Z',
  user: { username: 'system:serviceaccount:one:berth' },
  objectRef: { resource: 'pods', namespace: 'one-rachel', name: 'rachel-nb' },
  responseStatus: { code: 201 },
  ...parts,
});

describe('judge', () => {
  it('finds nothing in what Berth may do as itself, and counts the right as used', () => {
    const { requests, instances, used, offences } = judge([aRequest(), aRequest()]);

    expect({ requests, instances, offences }).toEqual({ requests: 2, instances: ['one'], offences: [] });
    expect([...used]).toEqual(['create pods in all namespaces']);
  });

  it.each<[string, Partial<AuditedRequest>, string]>([
    ['as an administrator', { user: { username: 'admin' } }, 'as admin'],
    [
      'as another instance',
      { user: { username: 'system:serviceaccount:two:berth' } },
      'as system:serviceaccount:two:berth',
    ],
    [
      'without the right',
      { annotations: { 'authorization.k8s.io/decision': 'forbid' }, responseStatus: { code: 403 } },
      'no right',
    ],
    [
      'against the policies of its own chart',
      {
        responseStatus: {
          code: 403,
          message: "ValidatingAdmissionPolicy 'one-places' with binding … denied",
        },
      },
      'one-places',
    ],
  ])('names what Berth asked %s', (_how, parts, named) => {
    expect(judge([aRequest(parts)]).offences).toEqual([expect.stringContaining(named)]);
  });

  it('takes no offence at the question whether the policies are there, nor at what others do', () => {
    const message = "ValidatingAdmissionPolicy 'one-places' with binding … denied request";
    const probe = aRequest({
      objectRef: { resource: 'configmaps', namespace: 'kube-system', name: 'berth-policy-probe' },
      responseStatus: { code: 403, message },
    });
    const others = aRequest({ userAgent: 'berth-cluster-specs', user: { username: 'admin' } });

    expect(judge([probe, others])).toMatchObject({ requests: 1, offences: [] });
  });
});
