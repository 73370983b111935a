import { EventEmitter2 } from '@nestjs/event-emitter';
import { describe, expect, it } from 'vitest';
import { MemoryLog } from '../../test/support/memory-log.js';
import { DomainEvent } from './domain-event.js';
import { EventBus } from './event-bus.js';

class LabStarted extends DomainEvent {
  static readonly type = 'lab.started';
  constructor(readonly user: string) {
    super();
  }
}
class LabStopped extends DomainEvent {
  static readonly type = 'lab.stopped';
}

function scene(): { bus: EventBus; log: MemoryLog } {
  const log = new MemoryLog();
  return { bus: new EventBus(new EventEmitter2(), log), log };
}

describe('EventBus', () => {
  it('tells those who asked for that class, until they end it', () => {
    const { bus } = scene();
    const users: string[] = [];
    const end = bus.on(LabStarted, (event) => void users.push(event.user));
    bus.on(LabStopped, () => void users.push('stopped'));

    bus.publish(new LabStarted('rachel'));
    end();
    bus.publish(new LabStarted('deckard'));

    expect(users).toEqual(['rachel']);
  });

  it('counts and logs a handler that throws and one that rejects, and tells the others', async () => {
    const { bus, log } = scene();
    const told: string[] = [];
    bus.on(LabStarted, () => {
      throw new Error('sync');
    });
    bus.on(LabStarted, () => Promise.reject(new Error('async')));
    bus.on(LabStarted, (event) => void told.push(event.user));

    bus.publish(new LabStarted('rachel'));
    await new Promise((resolve) => setImmediate(resolve));

    expect(told).toEqual(['rachel']);
    expect(bus.failures).toBe(2);
    expect(log.lines.map((line) => [line.level, line.fields.event])).toEqual([
      ['error', 'lab.started'],
      ['error', 'lab.started'],
    ]);
  });
});
