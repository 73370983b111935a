import type { Job } from './job-status.js';
import { hasEnded, isIgnored, isTracked } from './job-status.js';
import type { Pod } from './types.js';

/** First and longest pause before a failed pod is replaced. */
const firstPauseMs = 10_000;
const longestPauseMs = 600_000;

export interface Counts {
  succeeded: number;
  failed: number;
}

/** What the Jobs actor remembers: each Job's pods, how many have ended, and when the next may come. */
export class JobBooks {
  private readonly pods = new Map<string, Map<string, Pod>>();
  private readonly counts = new Map<string, Counts>();
  private readonly counted = new Set<string>();
  private readonly created = new Map<string, string>();
  private readonly retryAt = new Map<string, number>();

  constructor(private readonly timeScale: number) {}

  put(job: string, pod: Pod): void {
    const all = this.pods.get(job) ?? new Map<string, Pod>();
    this.pods.set(job, all.set(pod.metadata.uid, pod));
    if (this.created.get(job) === pod.metadata.uid) this.created.delete(job);
  }

  drop(job: string, pod: Pod): void {
    const all = this.pods.get(job);
    all?.delete(pod.metadata.uid);
    if (all?.size === 0) this.pods.delete(job);
    this.counted.delete(pod.metadata.uid);
    if (this.created.get(job) === pod.metadata.uid) this.created.delete(job);
  }

  of(job: string): Pod[] {
    return [...(this.pods.get(job)?.values() ?? [])];
  }

  /** The watch must show this pod before another one is made. */
  made(job: string, pod: Pod): void {
    if (this.pods.get(job)?.has(pod.metadata.uid) !== true) this.created.set(job, pod.metadata.uid);
  }

  awaits(job: string): boolean {
    return this.created.has(job);
  }

  /** Milliseconds until a failed pod may be replaced. */
  pauseMs(job: string): number {
    return (this.retryAt.get(job) ?? 0) - Date.now();
  }

  forget(job: string): void {
    this.counts.delete(job);
    this.created.delete(job);
    this.retryAt.delete(job);
  }

  /** Counts each ended pod once. */
  count(job: Job): Counts {
    const { uid } = job.metadata;
    const counts = this.counts.get(uid) ?? { succeeded: 0, failed: 0, ...endedBefore(job) };
    this.counts.set(uid, counts);
    const fresh = this.of(uid).filter((pod) => hasEnded(job, pod) && isTracked(pod));
    for (const pod of fresh) {
      if (this.counted.has(pod.metadata.uid)) continue;
      this.counted.add(pod.metadata.uid);
      if (pod.status?.phase === 'Succeeded') counts.succeeded += 1;
      else if (!isIgnored(job, pod))
        this.retryAt.set(uid, Date.now() + this.pauseAfter((counts.failed += 1)));
    }
    return counts;
  }

  private pauseAfter(failures: number): number {
    return Math.min(firstPauseMs * 2 ** (failures - 1), longestPauseMs) * this.timeScale;
  }
}

function endedBefore({ status }: Job): Partial<Counts> {
  const { succeeded, failed } = status ?? {};
  return { ...(succeeded !== undefined && { succeeded }), ...(failed !== undefined && { failed }) };
}
