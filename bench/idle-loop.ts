import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parentPort, workerData } from 'node:worker_threads';

/**
 * Does nothing until it is told to end, and answers how long it was kept from doing so at the longest, in milliseconds: what
 * the machine alone costs whoever shares it with a cluster. It is given how far apart its looks are, in milliseconds.
 */
const resolution = workerData as number;
const delay = monitorEventLoopDelay({ resolution });
delay.enable();
parentPort?.postMessage('idle');
parentPort?.once('message', () => {
  parentPort?.postMessage(delay.max / 1e6 - resolution);
});
