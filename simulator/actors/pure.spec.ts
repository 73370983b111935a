import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadOf, obstacles, unschedulable, withoutClaim } from './fit.js';
import { KeyQueue, sleep } from './pacing.js';
import { quantity } from './quantity.js';
import { repositoryOf, scriptFor } from './kubelet/script.js';
import { phaseOf } from './kubelet/status.js';
import { goDuration, pullError } from './kubelet/words.js';
import type { ContainerState, ContainerStatus, Node, Pod } from './types.js';

const aPod = (spec: Partial<Pod['spec']> = {}, annotations: Record<string, string> = {}): Pod => ({
  metadata: { name: 'lab', namespace: 'ns', uid: 'uid', annotations },
  spec: { containers: [{ name: 'notebook', image: 'reg.test/lab:1' }], ...spec },
});

const aNode = (more: Partial<Node> = {}): Node => ({
  metadata: { name: 'n', uid: 'n', labels: { pool: 'labs' } },
  status: { allocatable: { cpu: '2', memory: '4Gi', pods: '10' } },
  ...more,
});

const nothing = { cpu: 0, memory: 0, pods: 0 };
const aStatus = (state: ContainerState, lastState: ContainerState = {}): ContainerStatus => ({
  name: 'notebook',
  image: '',
  imageID: '',
  ready: false,
  restartCount: 0,
  state,
  lastState,
});

describe('obstacles', () => {
  const reasons = (pod: Pod, node = aNode(), used = nothing): string[] =>
    obstacles(pod, node, used).map(({ reason }) => reason);
  const asking = (requests: Record<string, string>): Pod =>
    aPod({ containers: [{ name: 'a', image: 'x', resources: { requests } }] });

  it('lets a pod onto a node that has room', () => {
    expect(reasons(asking({ cpu: '2', memory: '4Gi' }))).toEqual([]);
  });

  it('counts what is taken', () => {
    const used = { cpu: 1.5, memory: 0, pods: 10 };

    expect(reasons(asking({ cpu: '750m' }), aNode(), used)).toEqual(['Too many pods', 'Insufficient cpu']);
  });

  it.each([
    ['a cordon', aPod(), aNode({ spec: { unschedulable: true } }), 'node(s) were unschedulable'],
    [
      'a taint',
      aPod(),
      aNode({ spec: { taints: [{ key: 'gpu', effect: 'NoSchedule' }] } }),
      'node(s) had untolerated taint(s)',
    ],
    [
      'a selector',
      aPod({ nodeSelector: { pool: 'other' } }),
      aNode(),
      "node(s) didn't match Pod's node affinity/selector",
    ],
  ])('names %s', (_, pod, node, reason) => {
    expect(reasons(pod, node)).toEqual([reason]);
  });

  it('accepts a tolerated taint and a required affinity that holds', () => {
    const matchExpressions = [{ key: 'pool', operator: 'In', values: ['labs'] }];
    const required = { nodeSelectorTerms: [{ matchExpressions }] };
    const pod = aPod({
      tolerations: [{ key: 'gpu', operator: 'Exists' }],
      affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } },
    });

    expect(reasons(pod, aNode({ spec: { taints: [{ key: 'gpu', effect: 'NoSchedule' }] } }))).toEqual([]);
  });

  it('takes the largest init container where it asks for more than all others together', () => {
    const container = (memory: string) => ({ name: 'c', image: 'x', resources: { requests: { memory } } });
    const pod = aPod({
      containers: [container('1Gi'), container('1Gi')],
      initContainers: [container('3Gi')],
    });

    expect(loadOf(pod).memory).toBe(3 * 2 ** 30);
  });
});

describe('unschedulable', () => {
  it('speaks like the scheduler of 1.35', () => {
    const full = [{ reason: 'Insufficient cpu', room: true }];
    const tainted = [{ reason: 'node(s) had untolerated taint(s)', room: false }];

    expect(unschedulable([full, full, tainted])).toBe(
      '0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu. no new claims to deallocate, preemption: 0/3 nodes are available: 1 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming pod.',
    );
    expect(unschedulable([])).toBe('no nodes available to schedule pods');
    expect(withoutClaim(2, 'pod has unbound immediate PersistentVolumeClaims')).toBe(
      '0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found',
    );
  });
});

describe('phaseOf', () => {
  const facts = (containers: ContainerStatus[], stopping = false) => ({
    startTime: '',
    hostIP: '',
    init: [],
    containers,
    stopping,
  });
  const ended = (exitCode: number): ContainerState => ({ terminated: { exitCode, reason: '' } });
  const running: ContainerState = { running: { startedAt: '' } };
  const waiting: ContainerState = { waiting: { reason: 'CrashLoopBackOff' } };

  it.each([
    ['Pending', 'Always', [aStatus(waiting)]],
    ['Running', 'Always', [aStatus(waiting, ended(1))]],
    ['Running', 'OnFailure', [aStatus(running), aStatus(ended(0))]],
    ['Running', 'OnFailure', [aStatus(ended(1))]],
    ['Succeeded', 'OnFailure', [aStatus(ended(0))]],
    ['Failed', 'Never', [aStatus(ended(1)), aStatus(ended(0))]],
    ['Running', 'Always', [aStatus(ended(0))]],
  ])('is %s under %s', (phase, restartPolicy, containers) => {
    expect(phaseOf(aPod({ restartPolicy }), facts(containers))).toBe(phase);
  });

  it('is final once the pod is being stopped', () => {
    expect(phaseOf(aPod(), facts([aStatus(ended(137))], true))).toBe('Failed');
  });
});

describe('scriptFor', () => {
  const container = { name: 'notebook', image: 'reg.test:5000/berth/lab:w_1@sha256:ab' };

  it('finds a script by reference, repository, repository without registry, and for all', () => {
    for (const key of [container.image, 'reg.test:5000/berth/lab', 'berth/lab', '*'])
      expect(scriptFor({ [key]: { sizeBytes: 1 } }, aPod(), container)).toEqual({ sizeBytes: 1 });
  });

  it('lets the annotation of a pod win, for one container or for all but the init containers', () => {
    const annotation = { startMs: 2, containers: { notebook: { readyMs: 3 } } };
    const init = { name: 'init', image: 'i' };
    const pod = aPod(
      { initContainers: [init] },
      { 'simulator.berth.dev/script': JSON.stringify(annotation) },
    );

    expect(scriptFor({ '*': { startMs: 1 } }, pod, container)).toEqual({ startMs: 2, readyMs: 3 });
    expect(scriptFor({ '*': { startMs: 1 } }, pod, init)).toEqual({ runMs: 0, startMs: 1 });
  });

  it('cuts tag and digest off a reference, and never a port', () => {
    expect(repositoryOf('reg.test:5000/a/b:tag')).toBe('reg.test:5000/a/b');
    expect(repositoryOf('reg.test:5000/a/b')).toBe('reg.test:5000/a/b');
    expect(repositoryOf('a/b@sha256:cd')).toBe('a/b');
  });
});

describe('the words', () => {
  it.each([
    [0, '0ms'],
    [178, '178ms'],
    [1250, '1.25s'],
    [62_500, '1m2.5s'],
    [3_600_000, '1h0m0s'],
  ])('print %d ms as Go does', (ms, text) => {
    expect(goDuration(ms)).toBe(text);
  });

  it('leave the tag out where containerd resolves by digest', () => {
    expect(pullError('imageMissing', 'r.test/a:t@sha256:cd')).toContain('reference "r.test/a@sha256:cd"');
    expect(pullError('crash', 'r.test/a:t')).toBeUndefined();
  });
});

describe('quantity', () => {
  it('reads decimal and binary suffixes', () => {
    expect(['250m', '1.5', '2k', '3Gi', '1e3', undefined, 'nonsense'].map(quantity)).toEqual([
      0.25,
      1.5,
      2000,
      3 * 2 ** 30,
      1000,
      0,
      0,
    ]);
  });
});

describe('KeyQueue', () => {
  it('never runs a key twice at a time and always once more after the last add', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1 }), async (keys) => {
        const running = new Set<string>();
        const seen = new Map<string, number>();
        let added = 0;
        const queue = new KeyQueue(async (key) => {
          expect(running.has(key)).toBe(false);
          running.add(key);
          seen.set(key, added);
          await new Promise((resolve) => setImmediate(resolve));
          running.delete(key);
          return undefined;
        }, 2);

        const last = new Map<string, number>();
        for (const key of keys) {
          added += 1;
          last.set(key, added);
          queue.add(key);
          if (added % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
        }
        for (let turns = 0; turns < 10; turns += 1) await new Promise((resolve) => setImmediate(resolve));
        await queue.close();

        for (const [key, at] of last) expect(seen.get(key)).toBeGreaterThanOrEqual(at);
      }),
      { numRuns: 30 },
    );
  });
});

describe('sleep', () => {
  it('lets many wait for one signal without the warning of a leak', async () => {
    const warned: string[] = [];
    const onWarning = ({ name }: Error): number => warned.push(name);
    const closing = new AbortController();
    process.on('warning', onWarning);

    const sleepers = Array.from({ length: 64 }, () => sleep(60_000, closing.signal));
    closing.abort();
    await Promise.all(sleepers);
    await new Promise((resolve) => setImmediate(resolve));

    process.off('warning', onWarning);
    expect(warned).toEqual([]);
  });
});
