import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parentPort } from 'node:worker_threads';

/** As Berth's own metric looks at its event loop, in milliseconds. */
const LAG_RESOLUTION = 10;

/**
 * Does nothing until it is told to end, and answers how long it was kept from doing so at the longest, in milliseconds: what
 * the machine alone costs whoever shares it with a cluster.
 */
const delay = monitorEventLoopDelay({ resolution: LAG_RESOLUTION });
delay.enable();
parentPort?.postMessage('idle');
parentPort?.once('message', () => {
  parentPort?.postMessage(delay.max / 1e6 - LAG_RESOLUTION);
});
