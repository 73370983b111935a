import type { LoggerService } from '@nestjs/common';
import type { Log } from '../../common/logger.js';

/** Lets the framework speak through our log. What it says of itself at start is detail. */
export class NestLog implements LoggerService {
  constructor(private readonly sink: Log) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.sink.debug('framework', describe(message, rest));
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.sink.error('framework error', describe(message, rest));
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.sink.warn('framework warning', describe(message, rest));
  }
}

/** The framework's last argument names the class that speaks. */
function describe(said: unknown, rest: readonly unknown[]): Record<string, unknown> {
  const context = rest.at(-1);
  const fields = typeof context === 'string' ? { context } : {};
  return said instanceof Error ? { ...fields, error: said } : { ...fields, said: String(said) };
}
