import { pino } from 'pino';
import type { DestinationStream, Logger } from 'pino';
import { prettyFactory } from 'pino-pretty';
import { Log } from '../../common/logger.js';
import type { LogFields } from '../../common/logger.js';
import { redacted, redactedText } from './redaction.js';

/** The configuration's words for how much is written; `critical` is what no line of ours reaches. */
export type LogLevel = 'debug' | 'info' | 'warning' | 'error' | 'critical';

export interface LogOptions {
  readonly level: LogLevel;
  /** `lines`: one JSON object a line, for machines. `pretty`: for a person at a terminal. */
  readonly shape: 'lines' | 'pretty';
  /** Where lines go; standard output by default. */
  readonly destination?: DestinationStream;
}

const PINO_LEVEL = {
  debug: 'debug',
  info: 'info',
  warning: 'warn',
  error: 'error',
  critical: 'fatal',
} as const;

/** Pino behind our own word for a log. Every field and message passes the redaction first. */
export class PinoLog extends Log {
  private constructor(private readonly logger: Logger) {
    super();
  }

  static open(options: LogOptions): PinoLog {
    const destination = options.destination ?? process.stdout;
    return new PinoLog(
      pino(
        {
          level: PINO_LEVEL[options.level],
          messageKey: 'message',
          base: null,
          timestamp: pino.stdTimeFunctions.isoTime,
          formatters: { level: (label) => ({ level: label }) },
        },
        options.shape === 'pretty' ? prettyOn(destination) : destination,
      ),
    );
  }

  debug(message: string, fields: LogFields = {}): void {
    if (this.logger.isLevelEnabled('debug')) this.logger.debug(safe(fields), redactedText(message));
  }

  info(message: string, fields: LogFields = {}): void {
    if (this.logger.isLevelEnabled('info')) this.logger.info(safe(fields), redactedText(message));
  }

  warn(message: string, fields: LogFields = {}): void {
    if (this.logger.isLevelEnabled('warn')) this.logger.warn(safe(fields), redactedText(message));
  }

  error(message: string, fields: LogFields = {}): void {
    if (this.logger.isLevelEnabled('error')) this.logger.error(safe(fields), redactedText(message));
  }

  child(fields: LogFields): Log {
    return new PinoLog(this.logger.child(safe(fields)));
  }
}

const safe = (fields: LogFields): Record<string, unknown> => redacted(fields) as Record<string, unknown>;

/** Formats in this thread: a worker would lose the last lines of a process that ends. */
function prettyOn(destination: DestinationStream): DestinationStream {
  const pretty = prettyFactory({
    messageKey: 'message',
    translateTime: 'SYS:HH:MM:ss.l',
    singleLine: true,
    colorize: destination === (process.stdout as unknown) && process.stdout.isTTY,
  });
  return {
    write: (line: string) => {
      destination.write(pretty(line));
    },
  };
}
