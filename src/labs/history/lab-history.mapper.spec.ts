import { describe, expect, it } from 'vitest';
import { aContainer, aLab, aPod, aRecord, after } from '../../../test/gen/observed.js';
import { REASONS, causesOf, failureOf } from '../causes/index.js';
import { historyOf } from './lab-history.mapper.js';

const told = (pod: Parameters<typeof aPod>[0]) => failureOf(causesOf(aPod(pod), after(60))[0]!.telling);
const broken = { reason: 'InvalidImageName', message: 'x' };

describe('a life that is over', () => {
  it.each([
    ['user', told({ notebook: aContainer(broken) })],
    ['operator', told({ inits: [aContainer({ ...broken, name: 'prepare' })] })],
  ])('is told to the %s as its end was', (who, { reason, cause, remedy }) => {
    const life = {
      ...{ operationId: 'spawnaaaaa', image: 'reg/lab:w1', size: 'small' },
      ...{ startedAt: after(0), endedAt: after(60), end: reason, cause, remedy: remedy ?? '' },
    };

    const { lives } = historyOf(aLab({ record: aRecord({ past: [life] }) }));

    expect(lives).toMatchObject([{ end: 'image_invalid', who, remedy }]);
  });

  it.each([
    ['spawn_timed_out', REASONS.node_too_small.remedy, 'user'],
    ['spawn_timed_out', REASONS.nodes_excluded.remedy, 'operator'],
    ['stopped', REASONS.oom_killed.remedy, 'user'],
    ['stopped', 'Correct it', null],
    ['stopped', undefined, null],
  ])('ended as %s, is told to whom its remedy "%s" is for: %s', (end, remedy, who) => {
    const life = {
      ...{ operationId: 'spawnaaaaa', image: 'reg/lab:w1', size: 'small', end },
      ...{ startedAt: after(0), endedAt: after(60), ...(remedy !== undefined && { remedy }) },
    };

    const { lives } = historyOf(aLab({ record: aRecord({ past: [life] }) }));

    expect(lives).toMatchObject([{ end, who }]);
  });
});
