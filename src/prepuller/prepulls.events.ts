import type { Millis } from '../common/units.js';
import { DomainEvent } from '../events/index.js';
import type { PullFailureReason } from './prepull.js';

/** A pod of ours ran an image on a node, and that is recorded. */
export class ImageProven extends DomainEvent {
  static readonly type = 'prepull.proven';
  constructor(
    readonly node: string,
    readonly digest: string,
    readonly took: Millis | undefined,
  ) {
    super();
  }
}

/** A pull did not work, and that is recorded. */
export class PullFailed extends DomainEvent {
  static readonly type = 'prepull.failed';
  constructor(
    readonly node: string,
    readonly digest: string,
    readonly reason: PullFailureReason,
  ) {
    super();
  }
}
