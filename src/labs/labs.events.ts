import { DomainEvent } from '../events/index.js';
import type { SpawnEnd } from './lab.spawn-end.js';

/** A wish was recorded by this replica; its leader may be this very process. */
export class LabWished extends DomainEvent {
  static readonly type = 'lab.wished';

  constructor(readonly lab: string) {
    super();
  }
}

/** The leader brought a lab up. */
export class LabStarted extends DomainEvent {
  static readonly type = 'lab.started';

  constructor(
    readonly lab: string,
    readonly operationId: string,
  ) {
    super();
  }
}

/** A spawn failed, for the reason told. */
export class LabFailed extends DomainEvent {
  static readonly type = 'lab.failed';

  constructor(
    readonly lab: string,
    readonly operationId: string,
    readonly reason: string,
  ) {
    super();
  }
}

/** A spawn came to its end, and was not cancelled; the contract's metrics events, in one. */
export class SpawnEnded extends DomainEvent {
  static readonly type = 'lab.spawn_ended';

  constructor(readonly spawn: SpawnEnd) {
    super();
  }
}

/** Something stands in the way of a lab, or brought it to an end: told once in each operation. */
export class LabHindered extends DomainEvent {
  static readonly type = 'lab.hindered';

  constructor(
    readonly lab: string,
    readonly reason: string,
  ) {
    super();
  }
}

/** Nothing of a lab is left but its record. */
export class LabStopped extends DomainEvent {
  static readonly type = 'lab.stopped';

  constructor(
    readonly lab: string,
    readonly operationId: string,
  ) {
    super();
  }
}
