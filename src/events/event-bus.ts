import { Injectable } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { Log } from '../common/logger.js';
import type { DomainEvent, EventClass } from './domain-event.js';

type Handler<E extends DomainEvent> = (event: E) => void | Promise<void>;

/**
 * Tells those in this process who asked. Handlers run in the publisher's turn; one that throws or rejects is
 * counted and logged, and neither the publisher nor the other handlers notice.
 *
 * Nest's emitter alone loses both kinds of failure: a listener's throw reaches the publisher, and a rejection
 * becomes an unhandled one or is swallowed by `emitAsync`.
 */
@Injectable()
export class EventBus {
  private failed = 0;

  constructor(
    private readonly emitter: EventEmitter2,
    private readonly log: Log,
  ) {}

  /** How many handler runs have failed since start. */
  get failures(): number {
    return this.failed;
  }

  publish(event: DomainEvent): void {
    this.emitter.emit((event.constructor as unknown as EventClass<DomainEvent>).type, event);
  }

  /** Subscribe in `onModuleInit`. The returned function ends the subscription. */
  on<E extends DomainEvent>(eventClass: EventClass<E>, handler: Handler<E>): () => void {
    const type = eventClass.type;
    const listener = (event: E): void => {
      this.run(type, () => handler(event));
    };
    this.emitter.on(type, listener);
    return () => {
      this.emitter.off(type, listener);
    };
  }

  private run(type: string, call: () => void | Promise<void>): void {
    const onFailure = (error: unknown): void => {
      this.failed += 1;
      this.log.error('event handler failed', { event: type, error });
    };
    try {
      const pending = call();
      if (pending instanceof Promise) pending.catch(onFailure);
    } catch (error) {
      onFailure(error);
    }
  }
}
