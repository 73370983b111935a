import { describe, expect, it } from 'vitest';
import { aContainer, aLab, aPod, aRecord, after } from '../../../test/gen/observed.js';
import { causesOf, failureOf } from '../causes/index.js';
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
});
