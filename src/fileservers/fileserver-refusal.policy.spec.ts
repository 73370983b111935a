import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { podRefused } from './fileserver-refusal.policy.js';

interface Recorded {
  readonly name: string;
  readonly event: { readonly message: string };
}
/** The events of the Job controller of Kubernetes 1.35.1 (test/cluster/specs/job-refusals.spec.ts). */
const { records } = JSON.parse(readFileSync('test/fixtures/kubernetes/job-refusals.json', 'utf8')) as {
  records: readonly Recorded[];
};

const said = (name: string): string => records.find((record) => record.name === name)?.event.message ?? '';

describe('a Job whose pod is refused', () => {
  it.each([
    ['quota-exceeded', 'quota_exceeded', false],
    ['quota-unspecified', 'limits_missing', true],
    ['limit-range', 'limits_exceeded', true],
    ['webhook-denied', 'webhook_denied', true],
    ['webhook-unreachable', 'webhook_unreachable', false],
    ['admission-policy', 'policy_denied', true],
    ['pod-security', 'pod_security_denied', true],
    ['missing-service-account', 'pod_refused', false],
    ['no-priority-class', 'pod_refused', false],
  ])('by %s is told as %s', (answer, reason, certain) => {
    const refusal = podRefused(said(answer));

    expect(refusal).toMatchObject({ certain, telling: { reason, who: 'operator' } });
    expect(said(answer)).toContain(refusal.telling.evidence?.slice(0, 40));
  });

  it('names the quota, the webhook and the policy', () => {
    const messages = ['quota-exceeded', 'webhook-denied', 'admission-policy'].map(
      (name) => podRefused(said(name)).telling.message,
    );

    expect(messages.map((text) => / (quota|webhook|policy) [\w.-]+ /.test(text))).toEqual([true, true, true]);
  });

  it('knows every refusal that was recorded', () => {
    expect(records).toHaveLength(9);
    for (const { event } of records) expect(podRefused(event.message).telling.evidence).toBeTruthy();
  });

  it('knows the ratio that a LimitRange demands', () => {
    const words =
      'pods "x" is forbidden: [cpu max limit to request ratio per Container is 2, but provided ratio is 4.000000]';

    expect(podRefused(`Error creating: ${words}`).telling.reason).toBe('limits_exceeded');
  });

  it('sees through a controller that has said it too often to say it whole', () => {
    const often = podRefused(`(combined from similar events): ${said('quota-exceeded')}`);

    expect(often).toEqual(podRefused(said('quota-exceeded')));
  });

  it('keeps secrets to itself', () => {
    const { evidence } = podRefused('Error creating: no: Bearer abcdefgh.secret.token').telling;

    expect(evidence).not.toContain('abcdefgh.secret.token');
  });
});
