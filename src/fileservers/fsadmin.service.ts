import { Injectable } from '@nestjs/common';

import { Clock } from '../common/clock.js';
import { ControllerError } from '../common/errors.js';
import { millis } from '../common/units.js';
import type { Millis } from '../common/units.js';
import { AppSettings } from '../config/index.js';
import { KubernetesError } from '../kubernetes/index.js';
import { FsadminFailed, FsadminNotFound, FsadminNotRunning, FsadminTaken } from './fileservers.errors.js';
import { FsadminRepository } from './fsadmin.repository.js';
import type { FsadminPod } from './fsadmin.repository.js';

const LOOK_EVERY = millis(500);

/** What is left of a call's time; throws when nothing is, with what stood in the way if that is known. */
type Late = (why?: string) => Millis;

/**
 * The administrators' pod (contract section 8). The cluster alone knows its state; calls to one process follow one
 * another, and those to two processes find what the other has done.
 */
@Injectable()
export class FsadminService {
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly pods: FsadminRepository,
    private readonly settings: AppSettings,
    private readonly clock: Clock,
  ) {}

  /** Its start time. @throws {FsadminNotFound} @throws {FsadminNotRunning} @throws {FsadminFailed} */
  status(): Promise<string> {
    return this.oneByOne('query', async () => this.startTimeOf(await this.pods.find()));
  }

  /** Its start time, once it runs. @throws {FsadminTaken} @throws {FsadminNotRunning} @throws {FsadminFailed} */
  create(): Promise<string> {
    return this.oneByOne('creation', async (late) => {
      let pod = await this.mine();
      if (pod && !isUsable(pod)) {
        await this.gone(pod, late);
        pod = undefined;
      }
      if (!pod) await this.pods.create();
      pod = await this.mine();
      while (pod && isComing(pod)) {
        late(pod.why);
        await this.pause(late);
        pod = await this.mine();
      }
      return this.startTimeOf(pod);
    });
  }

  /** Resolves when it is gone, or was never there. @throws {FsadminTaken} @throws {FsadminFailed} */
  remove(): Promise<void> {
    return this.oneByOne('deletion', async (late) => {
      const pod = await this.mine();
      if (pod) await this.gone(pod, late);
      await this.pods.deleteClaims();
      while ((await this.pods.countClaims()) > 0) await this.pause(late);
    });
  }

  private async gone({ uid, deleting }: FsadminPod, late: Late): Promise<void> {
    if (!deleting) await this.pods.deletePod(uid);
    while ((await this.pods.find())?.uid === uid) await this.pause(late);
  }

  private async mine(): Promise<FsadminPod | undefined> {
    const pod = await this.pods.find();
    if (pod && !pod.ours) throw new FsadminTaken(this.pods.ref.namespace, this.pods.ref.name);
    return pod;
  }

  private startTimeOf(pod: FsadminPod | undefined): string {
    if (!pod?.ours) throw new FsadminNotFound(this.pods.ref.namespace, this.pods.ref.name);
    if (pod.phase !== 'Running' || pod.deleting) throw new FsadminNotRunning(pod.phase);
    return pod.startTime;
  }

  private async pause(late: Late): Promise<void> {
    await this.clock.sleep(millis(Math.min(LOOK_EVERY, late())));
  }

  /** After the calls before it, each within its own time. */
  private oneByOne<T>(name: string, work: (late: Late) => Promise<T>): Promise<T> {
    const { timeout } = this.settings.fsadmin;
    const run = this.last.then(async () => {
      const until = this.clock.monotonic() + timeout;
      try {
        return await work((why = '') => {
          const left = until - this.clock.monotonic();
          if (left > 0) return millis(left);
          const because = why === '' ? '' : `: ${why}`;
          throw new FsadminFailed(`Filesystem admin ${name} timed out after ${timeout / 1000}${because}`);
        });
      } catch (error) {
        throw error instanceof KubernetesError ? failed(name, error) : error;
      }
    });
    this.last = run.catch(() => undefined);
    return run;
  }
}

const failed = (name: string, error: KubernetesError): ControllerError =>
  new FsadminFailed(`Filesystem admin ${name} failed: ${error.message}`, { cause: error });

const isComing = ({ phase, deleting }: FsadminPod): boolean =>
  !deleting && (phase === 'Pending' || phase === 'Unknown');

/** Runs, or may come to. */
const isUsable = (pod: FsadminPod): boolean => !pod.deleting && (pod.phase === 'Running' || isComing(pod));
