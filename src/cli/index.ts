export { HELP } from './help.js';
export { parseCommand } from './command.js';
export type { Command, ServeOptions } from './command.js';
export { reportCheck, runConfigCheck } from './config-check.js';
export type { Io } from './config-check.js';
export { runPrepullStatus } from './prepull-status.js';
