/** Facts that may be logged and shown beside an error: never a secret, never a whole object. */
export type ErrorContext = Readonly<Record<string, string | number | boolean | undefined>>;

export interface ControllerErrorOptions {
  readonly context?: ErrorContext;
  readonly cause?: unknown;
}

/**
 * The root of every error we raise on purpose.
 *
 * `code` is a stable snake_case word that clients, logs, metrics and `docs/errors.md` share;
 * `message` is a sentence for a person.
 */
export abstract class ControllerError extends Error {
  abstract readonly code: string;
  readonly context: ErrorContext;

  constructor(message: string, options: ControllerErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.context = options.context ?? {};
  }
}

/** Where in a request a fault lies; the first element is `body`, `header`, `path` or `query` (contract 2.4). */
export type ErrorLocation = readonly ['body' | 'header' | 'path' | 'query', ...(string | number)[]];

/** An error meant for the caller of the HTTP API. `status` and the body `{detail: [{msg, type, loc?}]}` follow from it. */
export abstract class ClientError extends ControllerError {
  abstract readonly status: number;
  readonly location: ErrorLocation | undefined;

  constructor(
    message: string,
    options: ControllerErrorOptions & { readonly location?: ErrorLocation | undefined } = {},
  ) {
    super(message, options);
    this.location = options.location;
  }
}
