import { describe, expect, it } from 'vitest';
import { someImage } from '../../test/support/prepull-runtime.js';
import { instant, later, millis, seconds } from '../common/units.js';
import type { Failure, Finding, Proof, Pull } from './prepull.js';
import { wantedOf } from './prepull.mapper.js';
import { decidePrepull } from './prepull.policy.js';
import type { ObservedNode } from './prepull.policy.js';

const NOW = instant(Date.parse('2026-11-21T18:00:00Z'));
const TERMS = {
  pullTimeout: seconds(600),
  firstRetry: seconds(30),
  longestRetry: seconds(900),
  perNode: 2,
};
const [FIRST, SECOND, THIRD] = [
  someImage('first'),
  someImage('second', 'w_2'),
  someImage('third', 'w_3'),
].map(wantedOf) as [ReturnType<typeof wantedOf>, ReturnType<typeof wantedOf>, ReturnType<typeof wantedOf>];

function aNode(parts: Partial<ObservedNode> = {}): ObservedNode {
  const wanted = [FIRST, SECOND, THIRD];
  return {
    name: 'node-1',
    uid: 'n-1',
    eligible: true,
    wanted,
    missing: new Set(wanted.map(({ digest }) => digest)),
    pulls: [],
    record: undefined,
    refusals: [],
    labWaits: false,
    writableAt: NOW,
    ...parts,
  };
}

const aPull = (image: typeof FIRST, parts: Partial<Pull> = {}): Pull => ({
  name: `prepull-${image.digest}`,
  uid: `pod-${image.digest}`,
  node: 'node-1',
  digest: image.digest,
  reference: image.reference,
  createdAt: NOW,
  end: undefined,
  isBeingDeleted: false,
  ...parts,
});

const PROVEN = { kind: 'proven', at: NOW, took: seconds(9) } as const;
const DENIED = { kind: 'failed', reason: 'pull_denied', message: 'no' } as const;

const aProof = ({ aliases, digest, reference }: typeof FIRST, parts: Partial<Proof> = {}): Proof => ({
  state: 'proven',
  digest,
  reference,
  aliases,
  at: NOW,
  pod: 'some',
  took: undefined,
  ...parts,
});

const aFailure = ({ aliases, digest, reference }: typeof FIRST, parts: Partial<Failure> = {}): Failure => ({
  state: 'failed',
  digest,
  reference,
  aliases,
  at: NOW,
  since: NOW,
  pod: 'some',
  reason: 'pull_denied',
  message: 'no',
  attempts: 1,
  ...parts,
});

const aRecord = (findings: readonly Finding[], nodeUid = 'n-1'): NonNullable<ObservedNode['record']> => ({
  node: 'node-1',
  uid: 'r-1',
  resourceVersion: '1',
  nodeUid,
  findings,
});

const decide = (parts: Partial<ObservedNode>, now = NOW): ReturnType<typeof decidePrepull> =>
  decidePrepull(aNode(parts), TERMS, now);

describe('decidePrepull', () => {
  it('offers everything that is missing, in the order of wanting', () => {
    expect(decide({}).step).toEqual({ do: 'pull', images: [FIRST, SECOND, THIRD] });
  });

  it('rests when nothing is missing', () => {
    const record = aRecord([aProof(FIRST), aProof(SECOND), aProof(THIRD)]);

    expect(decide({ missing: new Set(), record })).toEqual({ step: undefined, until: undefined });
  });

  it('writes down under which names a node has what nobody had to pull, once', () => {
    const there = { missing: new Set([SECOND.digest]) };
    const pulls = [aPull(THIRD), aPull(SECOND)];

    const { step } = decide({ ...there, pulls });

    const listed = {
      state: 'listed',
      digest: FIRST.digest,
      reference: FIRST.reference,
      aliases: [],
      at: NOW,
    };
    expect(step).toEqual({ do: 'record', findings: [{ ...listed, pod: undefined }] });
    const record = aRecord(step?.do === 'record' ? step.findings : []);
    expect(decide({ ...there, pulls, record }).step).toBeUndefined();
    expect(decide({ eligible: false, missing: new Set() }).step).toBeUndefined();
    expect(decide({ record }).step).toMatchObject({ do: 'pull', images: [FIRST, SECOND, THIRD] });
  });

  it('lets a name move to another image, and forgets none that nobody else has', () => {
    const before = aRecord([
      aProof(FIRST, { aliases: ['latest', 'recommended'] }),
      aProof(SECOND),
      aProof(THIRD),
    ]);
    const moved = [FIRST, { ...SECOND, aliases: ['recommended'] }, THIRD];

    const { step } = decide({ missing: new Set(), wanted: moved, record: before });

    const findings = step?.do === 'record' ? step.findings : [];
    expect(findings.map(({ aliases }) => aliases)).toEqual([['latest'], ['recommended'], []]);
    const settled = { missing: new Set<string>(), wanted: moved, record: aRecord(findings) };
    expect(decide(settled)).toEqual({ step: undefined, until: undefined });
    expect(decide({ ...settled, wanted: [FIRST, SECOND, THIRD] }).step).toBeUndefined();
  });

  it.each([
    ['labs could not start there', { eligible: false }],
    ['a lab waits there for its own image', { labWaits: true }],
    ['as many pulls as allowed are under way', { pulls: [aPull(FIRST), aPull(SECOND)] }],
  ])('begins no pull while %s', (_why, parts) => {
    expect(decide(parts).step).toBeUndefined();
  });

  it('writes down what was learnt before it removes the pod that tells it', () => {
    const pulls = [aPull(FIRST, { end: PROVEN }), aPull(SECOND, { end: DENIED })];

    const { step } = decide({ pulls });

    const findings = [
      aProof(FIRST, { pod: pulls[0]?.uid, took: seconds(9) }),
      aFailure(SECOND, { pod: pulls[1]?.uid }),
    ];
    expect(step).toEqual({ do: 'record', findings });
    expect(decide({ pulls, record: aRecord(findings) }).step).toEqual({
      do: 'delete_pull',
      pull: pulls[0],
      reason: 'ended',
    });
  });

  it('counts a failure once, however often the process dies before the pod is gone', () => {
    const pulls = [aPull(FIRST, { end: DENIED })];
    const record = aRecord([aFailure(FIRST, { pod: pulls[0]?.uid, attempts: 3 })]);

    expect(decide({ pulls, record }).step).toMatchObject({ do: 'delete_pull' });
  });

  it('forgets a failure to pull what the node got by other means', () => {
    const record = aRecord([aFailure(FIRST), aProof(SECOND)]);
    const missing = new Set([THIRD.digest]);

    const { step } = decide({ missing, record });

    expect(step).toMatchObject({
      do: 'record',
      findings: [{ digest: FIRST.digest, state: 'listed' }, aProof(SECOND)],
    });
    expect(decide({ missing, wanted: [], record }).step).toBeUndefined();
  });

  it('counts failures in a row, and begins anew after a proof', () => {
    const pulls = [aPull(FIRST, { end: DENIED })];
    const since = instant(1);

    const again = decide({ pulls, record: aRecord([aFailure(FIRST, { since, attempts: 2 })]) }).step;
    const anew = decide({ pulls, record: aRecord([aProof(FIRST)]) }).step;

    expect(again).toMatchObject({ findings: [{ attempts: 3, since, at: NOW }] });
    expect(anew).toMatchObject({ findings: [{ attempts: 1, since: NOW }] });
  });

  it('waits with a write until a second has passed since the last, and pulls on meanwhile', () => {
    const writableAt = later(NOW, millis(400));

    const { step, until } = decide({ pulls: [aPull(FIRST, { end: PROVEN })], writableAt });

    expect(step).toEqual({ do: 'pull', images: [SECOND, THIRD] });
    expect(until).toBe(writableAt);
  });

  it('gives up a pull that takes too long, and looks again when that is', () => {
    const createdAt = instant(NOW - TERMS.pullTimeout + 1);
    const pulls = [aPull(FIRST, { createdAt }), aPull(SECOND)];

    expect(decide({ pulls }).until).toBe(later(NOW, millis(1)));
    expect(decide({ pulls }, later(NOW, millis(1))).step).toMatchObject({
      do: 'record',
      findings: [{ digest: FIRST.digest, reason: 'pull_timed_out', attempts: 1 }],
    });
  });

  it('tries a failed pull again after its pause, never later than the longest', () => {
    const only = { wanted: [FIRST], missing: new Set([FIRST.digest]) };
    const once = { ...only, record: aRecord([aFailure(FIRST)]) };
    const often = { ...only, record: aRecord([aFailure(FIRST, { attempts: 50 })]) };

    expect(decide(once).step).toBeUndefined();
    expect(decide(once).until).toBeGreaterThanOrEqual(later(NOW, seconds(22)));
    expect(decide(once, later(NOW, TERMS.firstRetry)).step).toMatchObject({ do: 'pull' });
    expect(decide(often, later(NOW, seconds(600))).step).toBeUndefined();
    expect(decide(often, later(NOW, TERMS.longestRetry)).step).toMatchObject({ do: 'pull' });
  });

  it('goes on with the other images after a failure of one', () => {
    const record = aRecord([aFailure(FIRST)]);

    expect(decide({ record }).step).toEqual({ do: 'pull', images: [SECOND, THIRD] });
  });

  it('lets all images wait for the first pause where the node or the registry is at fault, and no longer', () => {
    const record = aRecord([aFailure(FIRST, { reason: 'disk_full', attempts: 20 })]);

    expect(decide({ record }).step).toBeUndefined();
    expect(decide({ record }).until).toBe(later(NOW, TERMS.firstRetry));
    expect(decide({ record }, later(NOW, TERMS.firstRetry)).step).toEqual({
      do: 'pull',
      images: [SECOND, THIRD],
    });
  });

  it('pulls what a node has collected, but not right after it was proven', () => {
    const old = aRecord([aProof(FIRST, { at: instant(NOW - TERMS.longestRetry) })]);

    expect(decide({ record: old }).step).toMatchObject({ images: [FIRST, SECOND, THIRD] });
    expect(decide({ record: aRecord([aProof(FIRST)]) }).step).toMatchObject({ images: [SECOND, THIRD] });
  });

  it('removes pods whose image nobody wants any more, and what the record says of it with the next write', () => {
    const wanted = [SECOND];
    const pulls = [aPull(FIRST), aPull(SECOND, { end: PROVEN })];
    const record = aRecord([aProof(FIRST), aProof(SECOND, { pod: pulls[1]?.uid })]);

    expect(decide({ wanted, pulls: [aPull(FIRST)], record }).step).toMatchObject({ reason: 'unwanted' });
    expect(decide({ wanted, pulls, record: aRecord([aProof(FIRST)]) }).step).toMatchObject({
      do: 'record',
      findings: [{ digest: SECOND.digest }],
    });
  });

  it('keeps pods and record while nobody knows what is wanted', () => {
    const unknown = { wanted: [], missing: new Set<string>() };

    expect(decide({ ...unknown, pulls: [aPull(FIRST)] }).step).toBeUndefined();
    expect(decide({ ...unknown, pulls: [aPull(FIRST, { end: PROVEN })] }).step).toMatchObject({
      do: 'record',
    });
  });

  it('cuts pulls short on a node where no lab could start, or that is gone', () => {
    const pulls = [aPull(FIRST)];

    expect(decide({ eligible: false, pulls }).step).toMatchObject({
      do: 'delete_pull',
      reason: 'node_unfit',
    });
    expect(decide({ uid: undefined, eligible: false, pulls }).step).toMatchObject({ reason: 'node_unfit' });
  });

  it('drops the record of another node that had the same name', () => {
    expect(decide({ record: aRecord([aProof(FIRST)], 'n-0') }).step).toEqual({
      do: 'drop_record',
      uid: 'r-1',
    });
  });

  it('leaves alone what is being deleted', () => {
    const pulls = [aPull(FIRST, { isBeingDeleted: true })];

    expect(decide({ eligible: false, pulls }).step).toBeUndefined();
  });
});
