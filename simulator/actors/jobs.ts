import { ApiError, isStatus } from './client.js';
import { EventRecorder } from './events.js';
import { keyOf } from './informer.js';
import { JobBooks } from './job-books.js';
import type { Job, JobEnd } from './job-status.js';
import {
  endOf,
  hasEnded,
  isActive,
  isFinished,
  isTracked,
  podOf,
  statusOfJob,
  tracking,
} from './job-status.js';
import { KeyQueue } from './pacing.js';
import type { SharedInformers } from './shared.js';
import type { Actor, OwnerReference, Pod } from './types.js';

const jobsPath = '/apis/batch/v1/jobs';
const podsPath = '/api/v1/pods';
const retryMs = 500;
const deadlineLookMs = 200;
/** A pod can show on its watch before its Job does. */
const orphanLookMs = 200;

/** Runs Jobs: pods from the template, counting, completion, back-off, deadline and time to live. */
export class Jobs implements Actor {
  private readonly queue = new KeyQueue((key) => this.work(key), 8);
  private readonly books: JobBooks;
  private readonly recorder: EventRecorder;
  private unsubscribe: (() => void)[] = [];

  /** `timeScale` shortens the back-off between pods. */
  constructor(
    private readonly informers: SharedInformers,
    timeScale: number,
  ) {
    this.books = new JobBooks(timeScale);
    this.recorder = new EventRecorder(informers.client, { component: 'job-controller' });
  }

  async start(): Promise<void> {
    const jobs = this.informers.get<Job>(jobsPath);
    const pods = this.informers.get<Pod>(podsPath);
    await Promise.all([jobs.start(), pods.start()]);
    this.unsubscribe = [
      jobs.subscribe({
        changed: (job) => this.queue.add(keyOf(job)),
        gone: (job) => this.gone(job),
      }),
      pods.subscribe({ changed: (pod) => this.seen(pod), gone: (pod) => this.lost(pod) }),
    ];
  }

  async close(): Promise<void> {
    for (const each of this.unsubscribe) each();
    await this.queue.close();
  }

  private seen(pod: Pod): void {
    const owner = ownerOf(pod);
    if (owner === undefined) return;
    const key = `${pod.metadata.namespace ?? 'default'}/${owner.name}`;
    this.books.put(owner.uid, pod);
    this.queue.add(key);
    const job = this.informers.get<Job>(jobsPath).store.get(key);
    if (job?.metadata.uid !== owner.uid) this.queue.add(`${key}/${owner.uid}`, orphanLookMs);
  }

  private lost(pod: Pod): void {
    const owner = ownerOf(pod);
    if (owner === undefined) return;
    this.books.drop(owner.uid, pod);
    this.queue.add(`${pod.metadata.namespace ?? 'default'}/${owner.name}`);
  }

  private gone(job: Job): void {
    this.books.forget(job.metadata.uid);
    this.queue.add(`${keyOf(job)}/${job.metadata.uid}`);
  }

  private async work(key: string): Promise<number | undefined> {
    const [namespace, name, lostUid] = key.split('/');
    const job = this.informers.get<Job>(jobsPath).store.get(`${namespace ?? ''}/${name ?? ''}`);
    if (lostUid !== undefined) {
      if (job?.metadata.uid === lostUid) return undefined;
      for (const pod of this.books.of(lostUid)) await this.letGo(pod);
      return undefined;
    }
    return job === undefined || job.spec.suspend === true ? undefined : this.advance(job);
  }

  private async advance(job: Job): Promise<number | undefined> {
    const pods = this.books.of(job.metadata.uid);
    const counts = this.books.count(job);
    const end = isFinished(job) ? undefined : endOf(job, counts, pods);
    await this.report(job, statusOfJob(job, { pods, counts, end }), end);
    const leaving = job.metadata.deletionTimestamp !== undefined;
    for (const pod of pods) if (leaving || hasEnded(job, pod)) await this.letGo(pod);
    if (isFinished(job)) return this.expire(job);
    if (end !== undefined) return this.clear(pods);
    return job.metadata.deletionTimestamp === undefined ? this.fill(job, pods, counts.succeeded) : undefined;
  }

  private async report(job: Job, status: object | undefined, end: JobEnd | undefined): Promise<void> {
    if (status === undefined) return;
    const { namespace = 'default', name, uid } = job.metadata;
    const path = `/apis/batch/v1/namespaces/${namespace}/jobs/${name}/status`;
    await this.gently(this.informers.client.merge(path, { metadata: { uid }, status }));
    if (end?.type === 'Complete') this.note(job, 'Normal', 'Completed', 'Job completed');
    else if (end !== undefined) this.note(job, 'Warning', end.reason, end.message);
  }

  /** Creates a missing pod; milliseconds to wait where a failed one must not be replaced yet. */
  private async fill(job: Job, pods: Pod[], succeeded: number): Promise<number | undefined> {
    const { uid } = job.metadata;
    const { parallelism = 1, completions = 1, activeDeadlineSeconds } = job.spec;
    // The pods that were counted, not those of this moment: one that ended since is not missing, it is uncounted.
    const alive = pods.filter((pod) => !hasEnded(job, pod)).length;
    const lacking = Math.min(parallelism, completions - succeeded) - alive;
    const look = activeDeadlineSeconds === undefined ? undefined : deadlineLookMs;
    if (lacking <= 0 || this.books.awaits(uid)) return look;
    const pauseMs = this.books.pauseMs(uid);
    if (pauseMs > 0) return pauseMs;
    if (!(await this.makePod(job))) return retryMs;
    return lacking > 1 ? 1 : look;
  }

  private async makePod(job: Job): Promise<boolean> {
    const path = `/api/v1/namespaces/${job.metadata.namespace ?? 'default'}/pods`;
    const made = await this.gently(
      this.informers.client.create<Pod>(path, podOf(job)).catch((error: unknown) => {
        const isRefusal = error instanceof ApiError && !isStatus(error, 404, 409);
        if (isRefusal) this.note(job, 'Warning', 'FailedCreate', `Error creating: ${error.message}`);
        throw error;
      }),
    );
    if (made === undefined) return false;
    this.books.made(job.metadata.uid, made);
    this.note(job, 'Normal', 'SuccessfulCreate', `Created pod: ${made.metadata.name}`);
    return true;
  }

  private async clear(pods: Pod[]): Promise<undefined> {
    for (const pod of pods.filter(isActive)) await this.informers.client.remove(podPath(pod));
  }

  private async expire(job: Job): Promise<number | undefined> {
    const { ttlSecondsAfterFinished: ttl } = job.spec;
    const ended = job.status?.conditions?.at(-1)?.lastTransitionTime;
    if (ttl === undefined || ended === undefined) return undefined;
    const leftMs = Date.parse(ended) + ttl * 1000 - Date.now();
    if (leftMs > 0) return leftMs;
    const { namespace = 'default', name, uid } = job.metadata;
    await this.informers.client.remove(`/apis/batch/v1/namespaces/${namespace}/jobs/${name}`, {
      preconditions: { uid },
      propagationPolicy: 'Foreground',
    });
    return undefined;
  }

  /** The pod has been counted, or there is no Job to count it: it may go. */
  private async letGo(pod: Pod): Promise<void> {
    if (!isTracked(pod)) return;
    const live = await this.informers.client.find<Pod>(podPath(pod));
    if (live?.metadata.uid !== pod.metadata.uid || !isTracked(live)) return;
    const { uid, resourceVersion, finalizers = [] } = live.metadata;
    const rest = finalizers.filter((each) => each !== tracking);
    try {
      await this.informers.client.merge(podPath(pod), {
        metadata: { uid, resourceVersion, finalizers: rest },
      });
    } catch (error) {
      // A conflict is thrown on, so that the queue looks again.
      if (!isStatus(error, 404)) throw error;
    }
  }

  private note(job: Job, type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.recorder.note({ object: { ...job, apiVersion: 'batch/v1', kind: 'Job' }, type, reason, message });
  }

  /** Absent objects, conflicts and namespaces on their way out are no failure: the next event tells more. */
  private async gently<T>(work: Promise<T>): Promise<T | undefined> {
    try {
      return await work;
    } catch (error) {
      if (isStatus(error, 403, 404, 409)) return undefined;
      throw error;
    }
  }
}

const ownerOf = ({ metadata }: Pod): OwnerReference | undefined =>
  metadata.ownerReferences?.find((each) => each.kind === 'Job' && each.controller === true);

const podPath = ({ metadata }: Pod): string =>
  `/api/v1/namespaces/${metadata.namespace ?? 'default'}/pods/${metadata.name}`;
