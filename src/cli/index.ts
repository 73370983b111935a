export { HELP, parseCommand } from './command.js';
export type { ServeOptions } from './command.js';
export { runConfigCheck } from './config-check.js';
