/** Faults as a layer: a proxy in front of any API server, ours or a real one. */
export { Gate } from './gate.js';
export type { FaultProxy, FaultProxyOptions } from './proxy.js';
export { startFaultProxy } from './proxy.js';
export type { Action, Match, Rule, SeenRequest } from './rule.js';
