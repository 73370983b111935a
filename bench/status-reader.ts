import { parentPort, workerData } from 'node:worker_threads';
import { timed } from './figures.js';
import { BenchLabs } from './labs.js';

/** Pause between two reads whose time is told: far below the rate at which reads wait for each other. */
const PACE = 10;
/** What a Hub keeps open: its polls do not connect anew. */
const CONNECTIONS = 8;

export interface ReaderTask {
  readonly url: string;
  readonly user: string;
}

/**
 * Reads one lab's status every {@link PACE} ms, whether or not the read before was answered, on an event loop of its
 * own: the caller's, which follows hundreds of streams, would be measured with it. Told anything, it ends with its
 * samples, in milliseconds.
 */
const { url, user } = workerData as ReaderTask;
const labs = new BenchLabs(url, CONNECTIONS);
await Promise.all(Array.from({ length: CONNECTIONS }, () => labs.status(user)));
const samples: number[] = [];
const reads: Promise<unknown>[] = [];
const timer = setInterval(() => {
  reads.push(timed(() => labs.status(user)).then((took) => samples.push(took)));
}, PACE);
parentPort?.postMessage('reading');
parentPort?.once('message', () => {
  clearInterval(timer);
  void Promise.all(reads)
    .then(() => labs.close())
    .then(() => parentPort?.postMessage(samples));
});
