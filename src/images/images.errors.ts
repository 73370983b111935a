import { ClientError, ControllerError } from '../common/errors.js';
import type { ErrorLocation } from '../common/errors.js';
import type { RegistryFailure } from './registry.error.js';

/** No image is known by that name (contract 12.1). */
export class UnknownImage extends ClientError {
  readonly code = 'unknown_image';
  readonly status = 400;
}

/** The reference cannot be read, or names neither a tag nor a digest that could be run (contract 12.1). */
export class InvalidDockerReference extends ClientError {
  readonly code = 'invalid_docker_reference';
  readonly status = 422;
}

const EXPLANATIONS: Readonly<Record<RegistryFailure, string>> = {
  registry_unreachable: 'it cannot be reached',
  registry_timeout: 'it does not answer in time',
  registry_denied: 'it denies us access',
  registry_realm_refused: 'it names a token service that is not allowed',
  registry_throttled: 'it is busy and asks to come later',
  registry_failing: 'it fails',
  registry_answer_invalid: 'its answers make no sense',
  registry_answer_too_large: 'its answers are too large',
  repository_not_found: 'it has no such repository',
  tag_without_manifest: 'it has no image for this tag',
};

/** Only the registry knows the image, and it does not tell. Worth another try later. */
export class RegistryUnavailable extends ClientError {
  readonly code = 'registry_unavailable';
  readonly status = 503;

  constructor(
    registry: string,
    reason: RegistryFailure,
    options: { cause?: unknown; location?: ErrorLocation | undefined },
  ) {
    super(`Image registry ${registry} is not available: ${EXPLANATIONS[reason]}`, {
      ...options,
      context: { registry, reason },
    });
  }
}

/** The configured source of images is no registry and repository. Found at start, and ends it. */
export class InvalidImageSource extends ControllerError {
  readonly code = 'invalid_image_source';

  constructor(key: string, value: string) {
    super(`images.source.${key} is "${value}", which no image reference could hold`);
  }
}

/** `berth.images.caPath` cannot be read. Found at start, and ends it. */
export class UnreadableAuthorities extends ControllerError {
  readonly code = 'unreadable_authorities';

  constructor(path: string, cause: unknown) {
    super(`berth.images.caPath is "${path}", which cannot be read`, { cause });
  }
}
