import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytes, instant } from '../common/units.js';
import type { NodeImageList } from './image-node.js';
import { isPrepulled } from './node-image.js';
import type { PullReport } from './node-image.js';
import { decideNodeImage } from './node-image.policy.js';

const digest = `sha256:${'1'.repeat(64)}`;
const minute = 60_000;

const list = (length: number, { has = false, at = 0 } = {}): NodeImageList => ({
  length,
  reportedAt: instant(at),
  sizes: new Map(has ? [[digest, bytes(7)]] : []),
  names: new Map(),
});
const report = (parts: Partial<PullReport> = {}): PullReport => ({ reference: 'r/x', digest, ...parts });
const provenAt = instant(0);
const denied = (at: number) => ({ reason: 'pull_denied', message: 'no', at: instant(at) });

type Facts = Partial<Parameters<typeof decideNodeImage>[0]>;

describe('decideNodeImage', () => {
  it.each<[string, Facts, string, string]>([
    ['listed by its node', { list: list(3, { has: true }) }, 'present', 'listed'],
    [
      'listed, whatever failed',
      { list: list(3, { has: true }), report: report({ failure: denied(5) }) },
      'present',
      'listed',
    ],
    [
      'proven, list full',
      { list: list(50, { at: 9 * minute }), report: report({ provenAt }) },
      'proven',
      'list_full',
    ],
    [
      'proven, list of 49 and later',
      { list: list(49, { at: minute }), report: report({ provenAt }) },
      'absent',
      'collected',
    ],
    [
      'proven, list too old to deny it',
      { list: list(3, { at: minute - 1 }), report: report({ provenAt }) },
      'proven',
      'list_older',
    ],
    [
      'proven, gone from the list',
      { list: list(3), report: report({ provenAt }), listedBefore: true },
      'absent',
      'collected',
    ],
    [
      'proven, gone from a full list',
      { list: list(50), report: report({ provenAt }), listedBefore: true },
      'proven',
      'list_full',
    ],
    ['proven, node tells no list', { report: report({ provenAt }) }, 'proven', 'no_list'],
    [
      'failed after its proof',
      { list: list(50), report: report({ provenAt, failure: denied(1) }) },
      'failed',
      'pull_denied',
    ],
    [
      'proven after a failure',
      { list: list(50), report: report({ provenAt: instant(2), failure: denied(1) }) },
      'proven',
      'list_full',
    ],
    ['failed', { list: list(3), report: report({ failure: denied(1) }) }, 'failed', 'pull_denied'],
    [
      'pulled again after a failure',
      { list: list(3), report: report({ failure: denied(1), pullingSince: instant(2) }) },
      'pulling',
      'pulling',
    ],
    [
      'proven and pulled again all the same',
      { list: list(50), report: report({ provenAt, pullingSince: instant(2) }) },
      'proven',
      'list_full',
    ],
    [
      'pulled again once collected',
      { list: list(3, { at: minute }), report: report({ provenAt, pullingSince: instant(2) }) },
      'pulling',
      'pulling',
    ],
    ['on no full list, never pulled', { list: list(0) }, 'absent', 'not_listed'],
    ['on a full list, never pulled', { list: list(50) }, 'unknown', 'list_full'],
    ['on a node without a list', {}, 'unknown', 'no_list'],
  ])('says of an image %s', (_case, facts, state, reason) => {
    const judged = decideNodeImage({
      digest,
      list: undefined,
      report: undefined,
      listedBefore: false,
      ...facts,
    });

    expect(judged).toMatchObject({ state, reason });
  });

  it('dates proofs, failures and pulls by their evidence, and gives the size that the node lists', () => {
    const judge = (parts: Partial<PullReport>, length = 50) =>
      decideNodeImage({ digest, list: list(length), report: report(parts), listedBefore: false });

    expect(judge({ provenAt: instant(5) }).since).toBe(5);
    expect(judge({ failure: denied(6) })).toMatchObject({ since: 6, message: 'no' });
    expect(judge({ pullingSince: instant(7) }).since).toBe(7);
    const listed = {
      digest,
      list: list(1, { has: true }),
      report: report({ provenAt }),
      listedBefore: false,
    };
    expect(decideNodeImage(listed)).toMatchObject({ sizeBytes: 7, provenAt: 0 });
  });

  it('calls nothing prepulled without a list that has it or a proof', () => {
    const times = fc.option(fc.nat(1_000_000).map(instant), { nil: undefined });
    const facts = fc.record({
      length: fc.nat(60),
      failedAt: times,
      pullingSince: times,
      listedBefore: fc.boolean(),
    });
    fc.assert(
      fc.property(facts, ({ length, failedAt, pullingSince, listedBefore }) => {
        const failure = failedAt === undefined ? undefined : denied(failedAt);
        const judged = decideNodeImage({
          digest,
          list: list(length),
          report: report({ failure, pullingSince }),
          listedBefore,
        });
        return !isPrepulled(judged.state);
      }),
    );
  });
});
