import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { HOPELESS } from '../../../test/support/made-corpus.js';
import { ODD, PATIENT } from '../../../test/support/made-healthy.js';
import {
  backedOff,
  creating,
  event,
  notPulled,
  runs,
  timeline,
  unschedulable,
} from '../../../test/support/made-spawns.js';
import type { Steps } from '../../../test/support/made-spawns.js';
import { replay } from '../../../test/support/replay.js';
import type { Sighting } from '../../../test/support/replay.js';
import { isReasonCode } from './index.js';

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

describe.runIf(recorded().length > 0)('a recorded spawn', () => {
  const all = recorded();
  const healthy = all.filter(([, { kind }]) => kind === 'healthy');
  const failing = all.filter(([, { kind }]) => kind === 'failing');

  it.skipIf(healthy.length === 0).each(healthy)(
    'that is healthy gets no fatal cause: %s',
    (_name, { sightings }) => {
      expect(replay(sightings, 3600).failure).toBeUndefined();
    },
  );

  it.skipIf(failing.length === 0).each(failing)('that fails is explained: %s', (_name, { sightings }) => {
    const { story, failure } = replay(sightings, 3600);
    const explained = [...story.map(({ reason }) => reason), failure?.reason ?? ''].filter(isReasonCode);

    expect(explained.length).toBeGreaterThan(0);
  });
});
