import { ControllerError } from '../../common/errors.js';

/** A Secret that `lab.secrets` or `lab.pullSecret` names is absent, or lacks the key. An operator must create it. */
export class MissingSecret extends ControllerError {
  readonly code = 'missing_secret';

  constructor(secretName: string, secretKey?: string) {
    super(
      secretKey === undefined
        ? `Secret ${secretName}, named by the configuration, does not exist`
        : `Secret ${secretName}, named by the configuration, has no key ${secretKey}`,
      { context: { secret: secretName, key: secretKey } },
    );
  }
}

/** A request Secret whose content is not what Berth writes. */
export class MalformedRequestSecret extends ControllerError {
  readonly code = 'malformed_request_secret';
}
