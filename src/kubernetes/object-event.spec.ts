import { describe, expect, it } from 'vitest';

import { instant } from '../common/units.js';
import { OBJECT_EVENTS, storyEvent } from './object-event.js';

describe('the Kubernetes Event of an entry', () => {
  const about = { kind: OBJECT_EVENTS, namespace: 'berth', name: 'rachel', uid: 'lab-uid' };
  const entry = {
    number: 7,
    at: instant(0),
    event: 'error',
    severity: 'error',
    message: 'It lacks',
  } as const;

  it('has what was seen beside what helps, which speaks of it', () => {
    const cause = { reason: 'config_missing', evidence: 'secret "x" not found', remedy: 'Create it' };

    const { reason, message, type } = storyEvent(about, 'spawnaaaaa', { ...entry, ...cause });

    expect({ reason, message, type }).toEqual({
      reason: 'config_missing',
      message: 'It lacks (secret "x" not found). Create it',
      type: 'Warning',
    });
  });
});
