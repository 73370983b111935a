import { ControllerError } from '../common/errors.js';

/** Service discovery gave no usable document and none is remembered, or the document lacks what is asked for. */
export class DiscoveryUnavailable extends ControllerError {
  readonly code = 'discovery_unavailable';
}
