import type { NestApplicationOptions } from '@nestjs/common';

/**
 * How the app is created: our own body parser, so that a bad body does not go before a bad token, and errors of the
 * start come to us instead of ending the process with a stack trace.
 */
// The framework declares these options as a class that nobody can construct.
const options: unknown = { logger: false, abortOnError: false, bodyParser: false };
export const APP_OPTIONS = options as NestApplicationOptions;
