/**
 * Something that happened, told inside this process: past tense, owned by the publisher, keys and facts only.
 * Each subclass has `static readonly type = 'room.happening'`. Events are hints; losing one may delay work, never lose it.
 */
export abstract class DomainEvent {
  /** Keeps unrelated classes apart for the compiler. */
  protected readonly domainEvent = true;
}

/** A class of events: its `type` is the name on the bus. */
export interface EventClass<E extends DomainEvent> {
  readonly type: string;
  readonly prototype: E;
}
