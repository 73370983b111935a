import { Log } from '../common/logger.js';
import type { LogFields } from '../common/logger.js';
import { withoutSecrets } from '../common/without-secrets.js';
import type { SlackAlerts } from './slack-alerts.js';

/** Names whose values are never told outside, whatever they are. */
const SECRET_NAME = /token|secret|passw|authorization|cookie|credential|apikey|api_key|private_?key|^env$/i;

/** A log whose errors are alerts too: a line of level *error* says by definition that an operator must act. */
export class AlertingLog extends Log {
  constructor(
    private readonly log: Log,
    private readonly alerts: SlackAlerts,
    private readonly fields: LogFields = {},
  ) {
    super();
  }

  debug(message: string, fields?: LogFields): void {
    this.log.debug(message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.log.info(message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.log.warn(message, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.log.error(message, fields);
    this.alerts.raise(message, factsOf({ ...this.fields, ...fields }));
  }

  child(fields: LogFields): Log {
    return new AlertingLog(this.log.child(fields), this.alerts, { ...this.fields, ...fields });
  }
}

/** Plain facts alone, without what looks secret; never a whole object, never a stack. */
function factsOf(fields: LogFields): Record<string, string> {
  const told = Object.entries(fields).flatMap(([name, value]) => {
    const text = SECRET_NAME.test(name) ? undefined : textOf(value);
    return text === undefined ? [] : [[name, withoutSecrets(text)] as const];
  });
  return Object.fromEntries(told);
}

function textOf(value: unknown): string | undefined {
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}
