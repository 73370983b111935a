import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { HOPELESS } from '../../../test/support/made-corpus.js';
import { ODD, PATIENT } from '../../../test/support/made-healthy.js';
import {
  aPodThat,
  backedOff,
  creating,
  event,
  givenUp,
  notPulled,
  runs,
  timeline,
  unschedulable,
  waits,
} from '../../../test/support/made-spawns.js';
import type { Steps } from '../../../test/support/made-spawns.js';
import { replay } from '../../../test/support/replay.js';
import type { Sighting } from '../../../test/support/replay.js';

interface Recorded {
  readonly kind: 'failing' | 'healthy';
  readonly story: string;
  readonly sightings: readonly Sighting[];
}

/** What a real cluster said; see test/cluster/record. */
function recorded(): readonly (readonly [string, Recorded])[] {
  const folder = 'test/fixtures/recorded';
  const names = existsSync(folder)
    ? readdirSync(folder).filter((name) => existsSync(`${folder}/${name}/case.json`))
    : [];
  return names.map((name) => {
    const about = JSON.parse(readFileSync(`${folder}/${name}/case.json`, 'utf8')) as Omit<
      Recorded,
      'sightings'
    >;
    const sightings = JSON.parse(readFileSync(`${folder}/${name}/timeline.json`, 'utf8')) as Sighting[];
    return [name, { ...about, sightings }] as const;
  });
}

const toldIn = (steps: readonly Sighting[]): string[] => replay(steps).story.map(({ reason }) => reason);

describe('a spawn that cannot succeed', () => {
  it.each(HOPELESS)('fails with %s: %s', (code, _what, steps) => {
    const { failure, story } = replay(timeline(steps));

    expect(failure?.reason).toBe(code);
    const told = story.find(({ reason, event: name }) => reason === code && name === 'error');
    expect(told?.remedy).toBeTruthy();
    expect(told?.who).toMatch(/user|operator/);
  });

  it('never fails for one failed pull, whatever the registry said, before the kubelet gives it up for now', () => {
    const once = [[1, notPulled(': not found')]] as const satisfies Steps;

    expect(replay(timeline(once)).failure).toBeUndefined();
    expect(replay(timeline([...once, [2, givenUp]])).failure).toMatchObject({ reason: 'image_missing' });
    const denied = [[1, notPulled(': 403 Forbidden')]] as const satisfies Steps;
    expect(replay(timeline([...denied, [2, givenUp]])).failure).toBeUndefined();
  });

  it('is told with the end of last words, which says most', () => {
    const trace = `Traceback (most recent call last): ${'File "landing_page.py", line 88 '.repeat(30)} PermissionError: '/home/rachel'`;
    const end = { terminated: { reason: 'Error', exitCode: 1, message: trace } };
    const waiting = { waiting: { reason: 'CrashLoopBackOff' } };
    const { story } = replay(
      timeline([
        [1, aPodThat({ init: end })],
        [60, aPodThat({ init: waiting, initLast: end, initRestarts: 3 })],
      ]),
    );

    const told = story.find(({ event: name }) => name === 'error');
    expect(told?.reason).toBe('init_container_failed');
    expect(told?.evidence).toMatch(/^….*PermissionError: '\/home\/rachel'$/);
  });

  it('takes a back-off that is heard before its failure is seen for one from the first failure', () => {
    const early = [
      [1, creating],
      [2, givenUp],
    ] as const satisfies Steps;

    expect(replay(timeline(early)).failure).toBeUndefined();
    const { failure } = replay(timeline([...early, [3, notPulled(': not found')]]));
    expect(failure).toEqual({ reason: 'image_missing', at: 3000 });
  });

  it('fails for a command that is missing at its second try, as a back-off in between is no recovery', () => {
    const message = 'exec: "/lab": stat /lab: no such file or directory';
    const last = { terminated: { reason: 'StartError', exitCode: 128, message } };
    const tried = { last, state: { waiting: { reason: 'RunContainerError', message } } };
    const givenUpFor = { last, state: { waiting: { reason: 'CrashLoopBackOff' } } };

    const { failure } = replay(
      timeline([
        [300, aPodThat(tried)],
        [302, aPodThat({ ...givenUpFor, restarts: 1 })],
        [314, aPodThat({ ...tried, restarts: 1 })],
      ]),
    );

    expect(failure).toEqual({ reason: 'command_missing', at: 314_000 });
  });

  it('fails for what stays missing although a kubelet has something else to say in between', () => {
    const missing = waits('CreateContainerConfigError', 'secret "rachel-nb" not found');
    const late = waits('CreateContainerConfigError', 'failed to sync secret cache: timed out');

    const { failure } = replay(
      timeline([
        [300, missing],
        [330, late],
        [345, missing],
        [362, missing],
      ]),
    );

    expect(failure).toEqual({ reason: 'config_missing', at: 362_000 });
  });

  it('fails at the first failure that is seen after a back-off that does not say why, as older kubelets have it', () => {
    const unexplained = waits('ImagePullBackOff', 'Back-off pulling image "lab"');

    const { failure } = replay(
      timeline([
        [0, unexplained],
        [10, notPulled(': not found')],
      ]),
    );

    expect(failure).toEqual({ reason: 'image_missing', at: 10_000 });
  });

  it('fails for a missing image within ten seconds of the first word about it', () => {
    const { failure } = replay(
      timeline([
        [1, notPulled(': not found')],
        [9, backedOff(': not found')],
      ]),
    );

    expect(failure?.at).toBeLessThanOrEqual(10_000);
  });
});

describe('a spawn that needs patience', () => {
  const spawns = [
    ...PATIENT.map(
      ([code, what, step]) =>
        [
          `${what} (${code})`,
          [
            [0, creating],
            [4, step],
            [12, creating],
          ] as Steps,
        ] as const,
    ),
    ...ODD,
  ];

  it('is of more than fifty kinds', () => {
    expect(spawns.length).toBeGreaterThanOrEqual(50);
  });

  it.each(spawns)('completes all the same: %s', (_what, steps) => {
    const { failure, isComplete } = replay(timeline([...steps, [590, runs]]));

    expect(failure).toBeUndefined();
    expect(isComplete).toBe(true);
  });

  it.each(PATIENT)('is told of %s: %s', (code, _what, step) => {
    expect(
      toldIn(
        timeline([
          [0, creating],
          [4, step],
          [30, step],
        ]),
      ),
    ).toContain(code);
  });

  it('is told in their own words what nobody knows', () => {
    const { story } = replay(
      timeline([
        [0, creating],
        [3, event('MoonIsFull', 'wolves howl')],
        [9, creating],
      ]),
    );

    expect(story.at(-1)).toMatchObject({
      reason: 'moon_is_full',
      message: 'wolves howl',
      severity: 'warning',
    });
  });

  it('is told of each volume that is not mounted, with what is said of it', () => {
    const setUp = (volume: string, why: string) =>
      event('FailedMount', `MountVolume.SetUp failed for volume "${volume}" : ${why}`);
    const { story } = replay(
      timeline([
        [0, creating],
        [3, setUp('nss', 'failed to sync configmap cache: timed out waiting for the condition')],
        [9, setUp('home', 'rpc error: code = NotFound desc = share 7 is gone')],
      ]),
    );

    const told = story.filter(({ reason }) => reason === 'volume_not_mounted');
    expect(told.map(({ message }) => message)).toEqual([
      'The node has not mounted volume nss of the lab yet',
      'The node has not mounted volume home of the lab yet',
    ]);
    expect(told[1]?.evidence).toMatch(/share 7 is gone$/);
  });

  it('ends with what it waited for when its time is over', () => {
    const full = unschedulable('0/3 nodes are available: 3 Insufficient cpu.');
    const { failure, story } = replay(
      timeline([
        [0, full],
        [5, full],
        [601, full],
      ]),
    );

    expect(failure?.reason).toBe('spawn_timed_out');
    expect(story.map(({ reason }) => reason)).toContain('cpu_short');
    expect(story.at(-2)?.evidence).toContain('Insufficient cpu');
  });
});

/** The cause that each recorded fate of a lab must be told by; what is not listed may be told in the cluster's own words. */
const FATES: Readonly<Record<string, string>> = {
  'claim-class-missing': 'claim_unbound',
  'claim-missing': 'claim_missing',
  'claim-provisioner-silent': 'claim_unbound',
  'claim-unbound': 'claim_unbound',
  'command-missing': 'command_missing',
  'configmap-missing': 'config_missing',
  'crash-loop': 'crash_looping',
  'evicted-volume-full': 'storage_limit_exceeded',
  'exits-at-once': 'exited',
  'foreign-processor': 'image_wrong_platform',
  gated: 'scheduling_gated',
  'image-digest-missing': 'image_missing',
  'image-name-invalid': 'image_invalid',
  'image-never-pulled': 'pull_forbidden_here',
  'image-repository-missing': 'image_missing',
  'image-tag-missing': 'image_missing',
  'init-fails': 'init_container_failed',
  'init-image-missing': 'image_missing',
  'init-oom-killed': 'oom_killed',
  'interpreter-missing': 'lab_crashed',
  'limit-range-violated': 'limits_exceeded',
  'node-refuses': 'refused_by_node',
  'node-selector-refused': 'refused_by_node',
  'node-silent-before-start': 'node_silent',
  'oom-killed': 'oom_killed',
  'pod-security-refused': 'pod_security_denied',
  'policy-denied': 'policy_denied',
  'post-start-fails': 'post_start_hook_failed',
  preempted: 'preempted',
  'priority-class-missing': 'object_refused',
  'pull-denied': 'pull_denied',
  'pull-wrong-credentials': 'pull_denied',
  'quota-exceeded': 'quota_exceeded',
  'quota-needs-requests': 'sidecar_without_limits',
  'registry-silent': 'pull_slow',
  'registry-unknown': 'registry_unreachable',
  'registry-unreachable': 'registry_unreachable',
  'runs-as-root': 'root_refused',
  'runtime-class-missing': 'object_refused',
  'runtime-unknown': 'sandbox_failed',
  'secret-key-missing': 'config_missing',
  'secret-missing': 'config_missing',
  'service-account-missing': 'cluster_not_ready',
  'unschedulable-cordoned': 'nodes_cordoned',
  'unschedulable-cpu': 'cpu_short',
  'unschedulable-gpu': 'resource_short',
  'unschedulable-memory': 'memory_short',
  'unschedulable-selector': 'nodes_excluded',
  'unschedulable-taint': 'nodes_tainted',
  'volume-configmap-missing': 'volume_source_missing',
  'volume-driver-missing': 'volume_not_mounted',
  'volume-host-path-missing': 'volume_source_missing',
  'volume-nfs-unreachable': 'volume_not_mounted',
  'volume-sub-path-escapes': 'container_config_error',
  'webhook-denied': 'webhook_denied',
  'webhook-silent': 'webhook_unreachable',
  'webhook-unreachable': 'webhook_unreachable',
};

describe('a recorded spawn', () => {
  const all = recorded();
  const healthy = all.filter(([, { kind }]) => kind === 'healthy');
  const failing = all.filter(([, { kind }]) => kind === 'failing');

  it('is one of many', () => {
    expect(healthy.length).toBeGreaterThanOrEqual(20);
    expect(failing.length).toBeGreaterThanOrEqual(15);
  });

  it.each(healthy)('that is healthy gets no fatal cause: %s', (_name, { sightings }) => {
    const { failure, isComplete } = replay(sightings, 3600);

    expect(failure).toBeUndefined();
    expect(isComplete).toBe(true);
  });

  it.each(failing)('that fails is explained: %s', (name, { sightings }) => {
    const { story, failure, troubles } = replay(sightings, 3600);
    const told = [...story.map(({ reason }) => reason), failure?.reason, ...troubles];

    if (Object.hasOwn(FATES, name)) expect(told).toContain(FATES[name]);
    // What came after the corpus was judged may be told in the cluster's own words, but not be passed over.
    else expect(told.length).toBeGreaterThan(1);
  });

  it.each([
    ['claim-missing', /^0\/1 nodes are available/],
    ['pull-denied', /401 Unauthorized$/],
    ['registry-unreachable', /connect: connection refused$/],
    ['volume-nfs-unreachable', /unknown filesystem type 'nfs'/],
    ['volume-sub-path-escapes', /\S/],
    ['command-missing', /no such file or directory: unknown$/],
  ])('is told with the words that say most: %s', (name, most) => {
    const [, { sightings }] = failing.find(([recordedAs]) => recordedAs === name)!;
    const { story } = replay(sightings, 3600);

    const told = story.filter(({ reason }) => reason === FATES[name]);
    expect(told.length).toBeGreaterThan(0);
    for (const { evidence } of told) expect(evidence).toMatch(most);
  });

  it.each(failing.filter(([name]) => FATES[name] === 'image_missing'))(
    'that lacks its image fails for it within ten seconds: %s',
    (_name, { sightings }) => {
      const { failure, story } = replay(sightings);

      expect(failure).toMatchObject({ reason: 'image_missing' });
      expect(failure?.at).toBeLessThan(10_000);
      expect(story.map(({ severity, reason }) => `${severity} ${reason}`)).toContain('warning image_missing');
    },
  );
});
