import { ClientError } from '../common/errors.js';
import type { ControllerErrorOptions } from '../common/errors.js';

/** Service discovery gave no usable document and none is remembered, or the document lacks what is asked for. */
export class DiscoveryUnavailable extends ClientError {
  readonly status = 503;
  readonly code = 'discovery_unavailable';

  constructor(problem: string, options: ControllerErrorOptions = {}) {
    super(`${problem}; try again in a minute, and tell whoever runs this platform if it lasts`, options);
  }
}
