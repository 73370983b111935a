import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.js';
import { MemoryLog } from '../../test/support/memory-log.js';
import { instant } from '../common/units.js';
import type { AppSettings } from '../config/index.js';
import { ImageMatrix } from './index.js';
import type { NodeImage, NodeRow, PullReport, PullReports } from './index.js';
import { imageNodeOf } from './node.mapper.js';
import { NodesRepository } from './nodes.repository.js';
import { FakeNodes } from '../../test/support/fake-nodes.js';

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;
const wish = (letter: string) => ({
  reference: `r.example.org/lab:w_${letter}@${digest(letter)}`,
  tag: `w_${letter}`,
  digest: digest(letter),
  displayName: letter,
  aliases: [],
});
const start = Date.UTC(2026, 0, 1);
const lab = {
  nodeSelector: { pool: 'labs' },
  tolerations: [
    { key: 'labs', operator: 'Equal', value: 'yes' },
    { key: 'x', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 },
  ],
};

function aNode(name: string, images: readonly string[], parts: object = {}, status = 'True'): object {
  return {
    metadata: { name, labels: { pool: 'labs' } },
    spec: parts,
    status: {
      conditions: [{ type: 'Ready', status, lastHeartbeatTime: new Date(start) }],
      images: images.map((letter) => ({
        names: [`r.example.org/lab@${digest(letter)}`, 'r/x:y'],
        sizeBytes: 5,
      })),
    },
  };
}

let nodes: FakeNodes;
let matrix: ImageMatrix;
let clock: FakeClock;
let told: string[];
const row = (node: string): NodeRow | undefined => matrix.row(node);
const cell = (node: string, letter: string): NodeImage | undefined => row(node)?.images.get(digest(letter));
const state = (node: string, letter: string) => cell(node, letter)?.state;
const proof = (parts: Partial<PullReport> = {}): PullReport => ({
  reference: wish('1').reference,
  digest: digest('1'),
  ...parts,
});

beforeEach(() => {
  clock = new FakeClock(start);
  nodes = new FakeNodes();
  const settings = { lab } as unknown as AppSettings;
  matrix = new ImageMatrix(new NodesRepository(nodes.informers, settings), settings, clock, new MemoryLog());
  matrix.onModuleInit();
  told = [];
  matrix.onChange((node) => told.push(node));
  nodes.synced = true;
});

describe('ImageMatrix', () => {
  it('knows every wanted image on every node that labs are meant for', () => {
    matrix.want([wish('1'), wish('2')]);
    nodes.put(aNode('b', ['1', '2']));
    nodes.put(aNode('a', ['2']));
    nodes.put({ metadata: { name: 'other' } });

    expect(matrix.allRows().map(({ name, eligible }) => [name, eligible])).toEqual([
      ['a', true],
      ['b', true],
    ]);
    expect([state('a', '1'), state('a', '2'), state('b', '1')]).toEqual(['absent', 'present', 'present']);
    expect([matrix.isPrepulled(digest('1')), matrix.isPrepulled(digest('2'))]).toEqual([false, true]);
    expect(told).toEqual(['b', 'a']);
  });

  it('calls an image prepulled everywhere if no node is eligible, but not before nodes are known', () => {
    expect(matrix.isPrepulled(digest('1'))).toBe(true);
    nodes.synced = false;

    expect(matrix.isPrepulled(digest('1'))).toBe(false);
  });

  it('takes reports, and forgets those that are not repeated', () => {
    matrix.want([wish('1')]);
    nodes.put(aNode('a', []));
    const reports: PullReports = matrix;

    reports.report('a', [proof({ pullingSince: clock.now() })]);
    expect(state('a', '1')).toBe('pulling');
    matrix.report('a', [proof({ provenAt: clock.now() })]);
    expect(state('a', '1')).toBe('proven');
    expect(matrix.isPrepulled(digest('1'))).toBe(true);
    matrix.report('a', []);
    expect(state('a', '1')).toBe('absent');
    expect(told).toEqual(['a', 'a', 'a', 'a']);
  });

  it('notices that a node collected an image, and believes a later proof again', () => {
    matrix.want([wish('1')]);
    matrix.report('a', [proof({ provenAt: instant(start) })]);
    nodes.put(aNode('a', ['1']));
    nodes.put(aNode('a', []));
    expect(cell('a', '1')).toMatchObject({ state: 'absent', reason: 'collected' });
    nodes.put(aNode('a', ['2']));
    expect(state('a', '1')).toBe('absent');

    matrix.report('a', [proof({ provenAt: instant(start + 1) })]);

    expect(state('a', '1')).toBe('proven');
  });

  it('tells only of rows that changed, and of all when other images are wanted', async () => {
    matrix.want([wish('1')]);
    nodes.put(aNode('a', ['1']));
    nodes.put(aNode('b', []));
    await clock.advance(1000);
    told = [];

    nodes.put(aNode('a', ['1', '3']));
    matrix.want([wish('1')]);
    expect(told).toEqual([]);
    matrix.want([wish('3')]);
    expect(told).toEqual(['a', 'b']);
    nodes.remove('a');
    expect(told).toEqual(['a', 'b', 'a']);
    expect(row('a')).toBeUndefined();
  });

  it('keeps since when a state is known, until it changes', async () => {
    matrix.want([wish('1')]);
    nodes.put(aNode('a', []));
    await clock.advance(1000);
    nodes.put(aNode('a', ['2']));
    expect(cell('a', '1')?.since).toBe(start);

    nodes.put(aNode('a', ['1']));

    expect(cell('a', '1')).toMatchObject({ since: start + 1000, sizeBytes: 5 });
  });

  it.each<[string, object, string | undefined]>([
    ['a tolerated taint', { taints: [{ key: 'labs', value: 'yes', effect: 'NoSchedule' }] }, undefined],
    ['a mere preference', { taints: [{ key: 'y', effect: 'PreferNoSchedule' }] }, undefined],
    [
      'a taint',
      { taints: [{ key: 'gpu', value: 'on', effect: 'NoSchedule' }] },
      'Node is tainted (NoSchedule, gpu = on)',
    ],
    [
      'a taint without value',
      { taints: [{ key: 'gpu', effect: 'NoExecute' }] },
      'Node is tainted (NoExecute, gpu)',
    ],
    [
      'a taint tolerated for a while',
      { taints: [{ key: 'x', effect: 'NoExecute' }] },
      'Node is tainted (NoExecute, x)',
    ],
    ['a cordon', { unschedulable: true }, 'Node is cordoned'],
  ])('judges a node with %s', (_case, spec, comment) => {
    matrix.want([wish('1')]);
    nodes.put(aNode('a', [], spec));

    expect(row('a')).toMatchObject({ eligible: comment === undefined, comment });
    expect(matrix.isPrepulled(digest('1'))).toBe(comment !== undefined);
  });

  it('leaves a node out of account that is not ready', () => {
    nodes.put(aNode('a', [], {}, 'Unknown'));

    expect(row('a')?.comment).toBe('Node is not ready');
  });
});

describe('imageNodeOf', () => {
  const read = (node: object) => imageNodeOf(node);

  it('reads a node that says nothing', () => {
    expect(read({})).toEqual({
      name: '',
      uid: '',
      labels: {},
      taints: [],
      cordoned: false,
      ready: false,
      list: undefined,
    });
  });

  it('finds an image under each of its digests, and skips names that are none', () => {
    const names = [`a/b@${digest('1')}`, `c/d@${digest('2')}`, 'c/d:tag', '<none>@<none>'];
    const { list } = read({ status: { images: [{ names, sizeBytes: 3 }, { names: null }] } });

    expect([...(list?.sizes.keys() ?? [])]).toEqual([digest('1'), digest('2')]);
    expect(list?.names.get(digest('2'))).toEqual(['c/d:tag']);
    expect(list).toMatchObject({ length: 2, reportedAt: undefined });
  });
});
