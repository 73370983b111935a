/** Faults as a layer: a proxy in front of any API server, ours or a real one. */
export type { FaultProxy } from './proxy.js';
export { startFaultProxy } from './proxy.js';
export { Lag } from './lag.js';
