/** Fields beside a constant message. Never a token, never a whole object. */
export type LogFields = Readonly<Record<string, unknown>>;

/**
 * Where life is written down. *error*: an operator must act; *warn*: look soon; *info*: a life event; *debug*: the rest.
 * Messages are constants and the facts are fields, so that lines group.
 */
export abstract class Log {
  abstract debug(message: string, fields?: LogFields): void;
  abstract info(message: string, fields?: LogFields): void;
  abstract warn(message: string, fields?: LogFields): void;
  abstract error(message: string, fields?: LogFields): void;
  /** A log that adds `fields` to each of its lines. */
  abstract child(fields: LogFields): Log;
}
