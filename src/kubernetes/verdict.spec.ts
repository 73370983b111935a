import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Verb } from './call.js';
import { CONFIG_MAPS, type ResourceKind } from './resource.js';
import { readAnswer } from './status.js';
import { judge, RULES } from './verdict.js';

interface Recorded {
  readonly name: string;
  readonly verb: Verb;
  readonly path: string;
  readonly status: number;
  readonly body: unknown;
}

const { records } = JSON.parse(
  readFileSync(new URL('../../test/fixtures/kubernetes/answers.json', import.meta.url), 'utf8'),
) as { records: Recorded[] };

/** The body of a watch's ERROR event stands for the answer. */
const unwrap = (recorded: Recorded): { status: number; body: unknown } => {
  const event = recorded.body as { type?: string; object?: { code: number } };
  return event.type === 'ERROR' && event.object
    ? { status: event.object.code, body: event.object }
    : recorded;
};

function judgeRecorded(name: string): ReturnType<typeof judge> {
  const recorded = records.find((candidate) => candidate.name === name);
  if (!recorded) throw new Error(`nothing recorded as ${name}`);
  const parts = recorded.path.replace(/\?.*/, '').split('/');
  const at = parts.indexOf('namespaces') + 2;
  const [plural = '', object] = parts.length > at ? parts.slice(at) : parts.slice(at - 2);
  const kind: ResourceKind = { ...CONFIG_MAPS, plural };
  const { status, body } = unwrap(recorded);
  const request = { verb: recorded.verb, kind, ref: object === undefined ? {} : { name: object } };
  const options = { priority: 'reconcile', reason: 'spec' } as const;
  return judge(readAnswer({ ...request, repeatable: false, options }, status, body));
}

const EXPECTED: readonly [recorded: string, verdict: string][] = [
  ['missing-service-account', 'wait'],
  ['namespace-terminating', 'wait'],
  ['namespace-being-deleted', 'wait'],
  ['object-being-deleted', 'wait'],
  ['quota-exceeded', 'cause'],
  ['quota-unspecified', 'cause'],
  ['limit-range', 'cause'],
  ['already-exists', 'conflict'],
  ['stale-version', 'conflict'],
  ['uid-precondition', 'conflict'],
  ['patch-test-failed', 'conflict'],
  ['custom-patch-test-failed', 'conflict'],
  ['patch-path-missing', 'conflict'],
  ['no-namespace', 'conflict'],
  ['list-expired', 'conflict'],
  ['watch-expired', 'conflict'],
  ['no-object', 'absent'],
  ['no-object-delete', 'absent'],
  ['no-namespace-get', 'absent'],
  ['custom-no-object', 'absent'],
  ['no-resource', 'retry'],
  ['unauthorized', 'retry'],
  ['throttled', 'retry'],
  ['webhook-unreachable', 'retry'],
  ['backend-unavailable', 'retry'],
  ['immutable', 'permanent'],
  ['invalid', 'permanent'],
  ['invalid-name', 'permanent'],
  ['custom-invalid', 'permanent'],
  ['custom-version-required', 'permanent'],
  ['bad-json', 'permanent'],
  ['rbac-forbidden', 'permanent'],
  ['no-priority-class', 'permanent'],
  ['pod-security', 'permanent'],
  ['admission-policy', 'permanent'],
  ['webhook-denied', 'permanent'],
  ['body-too-large', 'permanent'],
  ['config-map-too-large', 'permanent'],
  ['etcd-too-large', 'permanent'],
];

describe('verdict', () => {
  it.each(EXPECTED)('judges the recorded answer %s as %s', (name, verdict) => {
    expect(judgeRecorded(name).verdict).toBe(verdict);
  });

  it('has judged every recorded answer', () => {
    const judged = EXPECTED.map(([name]) => name);

    expect(
      records
        .map((recorded) => recorded.name)
        .filter((name) => name !== 'patch-malformed')
        .sort(),
    ).toEqual(judged.sort());
  });

  it('names each rule after the recorded answer that it decides', () => {
    const neverRecorded = ['no-answer', 'quota-race', 'quota-unknown'];

    for (const { name } of RULES) {
      if (!neverRecorded.includes(name)) expect(judgeRecorded(name).rule).toBe(name);
    }
  });

  it('knows which failed writes may have been stored', () => {
    const mayBe = (name: string): boolean => judgeRecorded(name).mayBeApplied;

    expect(mayBe('backend-unavailable')).toBe(true);
    expect(mayBe('webhook-unreachable')).toBe(false);
    expect(mayBe('throttled')).toBe(false);
    expect(mayBe('etcd-too-large')).toBe(false);
  });
});
