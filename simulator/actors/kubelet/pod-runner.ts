import { Backoff, sleep } from '../pacing.js';
import type { Container, Pod } from '../types.js';
import { ContainerLife } from './container-life.js';
import type { NodeContext } from './pod-context.js';
import { PodContext, Stopped } from './pod-context.js';
import type { Ending } from './process.js';
import { MissingReference, References } from './references.js';
import { PodSheet } from './sheet.js';
import * as words from './words.js';

const firstMountPauseMs = 500;
const longestMountPauseMs = 122_000;

/** Runs one pod on one node: from the first status to the confirmed deletion. */
export class PodRunner {
  readonly sheet: PodSheet;
  private readonly context: PodContext;
  private readonly lives = new Map<string, ContainerLife>();
  private readonly going: Promise<unknown>[] = [];
  private stopping: Promise<void> | undefined;

  constructor(
    private readonly node: NodeContext,
    pod: Pod,
  ) {
    this.sheet = new PodSheet(node, pod);
    const references = new References(node.client, pod.metadata.namespace ?? 'default');
    this.context = new PodContext(node, this.sheet, references);
  }

  /** Takes the pod in; what happens from here on is nobody's to await. */
  start(): void {
    const { pod } = this.sheet;
    const { phase } = pod.status ?? {};
    if (pod.metadata.deletionTimestamp !== undefined) this.update(pod);
    else if (phase === 'Running') this.resume();
    else if (phase !== 'Succeeded' && phase !== 'Failed') this.background(this.run());
  }

  /** The pod as the API server has it now. */
  update(pod: Pod): void {
    // Our own status is newer than whatever a watch brings; the rest is theirs.
    this.sheet.pod = { ...pod, status: { ...pod.status, ...this.sheet.pod.status } };
    if (pod.metadata.deletionTimestamp === undefined) return;
    const graceSeconds =
      pod.metadata.deletionGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30;
    this.stopping ??= this.stop(graceSeconds).catch(() => undefined);
  }

  /** The pod object is gone, or the simulation ends: kill what runs and write nothing more. */
  async vanish(): Promise<void> {
    this.sheet.muted = true;
    this.context.stop();
    for (const life of this.lives.values()) life.finish({ exitCode: 137, reason: 'Error' });
    await Promise.allSettled(this.going);
  }

  /** Ends one container from outside. */
  finish(container: string, ending: Ending): void {
    const life = this.lives.get(container);
    if (life === undefined) throw new Error(`${this.sheet.pod.metadata.name} has not started ${container}`);
    life.finish(ending);
  }

  /** The node runs short of memory: the pod fails as a whole and is not restarted. */
  async evict(): Promise<void> {
    const { facts, pod } = this.sheet;
    const message = words.evicted(pod.spec.containers[0]?.name ?? '');
    this.context.warning('Evicted', message);
    facts.verdict = { phase: 'Failed', reason: 'Evicted', message };
    facts.disruption = { reason: 'TerminationByKubelet', message };
    await this.endContainers(0);
    await this.sheet.flush();
  }

  private background(work: Promise<unknown>): void {
    this.going.push(
      work.catch((error: unknown) => {
        if (!(error instanceof Stopped)) this.sheet.muted = true;
      }),
    );
  }

  private resume(): void {
    for (const container of this.sheet.pod.spec.containers) {
      if (this.sheet.container(container.name).state.running === undefined) continue;
      const life = new ContainerLife(this.context, container, 'Never');
      this.lives.set(container.name, life);
      this.background(life.resume().then(() => this.sheet.flush()));
    }
  }

  private async run(): Promise<void> {
    await this.context.step();
    await this.mount();
    this.sheet.facts.podIP = this.node.newPodIP();
    await this.context.step();
    if (!(await this.initialise())) return;
    for (const container of this.sheet.pod.spec.containers) await this.begin(container, this.restarts());
    await this.sheet.flush();
    await this.maybeEvict();
  }

  private restarts(): 'Always' | 'OnFailure' | 'Never' {
    const policy = this.sheet.pod.spec.restartPolicy;
    return policy === 'OnFailure' || policy === 'Never' ? policy : 'Always';
  }

  /** Waits until all ConfigMaps and Secrets to be mounted exist. */
  private async mount(): Promise<void> {
    const pauses = new Backoff(firstMountPauseMs, longestMountPauseMs);
    for (const volume of this.node.instant ? [] : (this.sheet.pod.spec.volumes ?? [])) {
      for (;;) {
        const missing = await this.missing(() => this.context.references.checkVolume(volume));
        if (missing === undefined) break;
        this.context.warning('FailedMount', words.failedMount(volume.name, missing));
        await this.context.pause(pauses.take());
      }
    }
    const [first] = this.sheet.pod.spec.containers;
    while (first && this.context.script(first).failure === 'failedMount') {
      this.context.failed(first);
      this.context.warning('FailedMount', words.failedMount('scripted', 'rpc error: mount timed out'));
      await this.context.pause(pauses.take());
    }
  }

  private async missing(check: () => Promise<void>): Promise<string | undefined> {
    try {
      await check();
      return undefined;
    } catch (error) {
      if (error instanceof MissingReference) return error.message;
      throw error;
    } finally {
      this.context.check();
    }
  }

  /** Runs the init containers one after the other; false if one failed for good. */
  private async initialise(): Promise<boolean> {
    for (const container of this.sheet.pod.spec.initContainers ?? []) {
      if (container.restartPolicy === 'Always') {
        await this.begin(container, 'Always');
        continue;
      }
      const life = new ContainerLife(
        this.context,
        container,
        this.restarts() === 'Never' ? 'Never' : 'OnFailure',
      );
      this.lives.set(container.name, life);
      const exitCode = await life.run(() => undefined);
      if (exitCode !== 0) return false;
    }
    return true;
  }

  /** Starts a container and goes on as soon as its first attempt is decided. */
  private async begin(container: Container, restarts: 'Always' | 'OnFailure' | 'Never'): Promise<void> {
    const life = new ContainerLife(this.context, container, restarts);
    this.lives.set(container.name, life);
    await new Promise<void>((resolve) => {
      this.background(life.run(resolve).then(() => this.sheet.flush()));
      this.context.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    this.context.check();
  }

  private async maybeEvict(): Promise<void> {
    const [first] = this.sheet.pod.spec.containers;
    if (first === undefined) return;
    const { failure, runMs = 0 } = this.context.script(first);
    if (failure !== 'evicted') return;
    await this.context.pause(runMs);
    await this.evict();
  }

  private async endContainers(graceMs: number): Promise<void> {
    this.context.stop();
    this.sheet.facts.stopping = true;
    await Promise.all([...this.lives.values()].map((life) => life.terminate(graceMs)));
    await Promise.race([Promise.allSettled(this.going), sleep(50)]);
  }

  private async stop(graceSeconds: number): Promise<void> {
    // A grace of one second is one real second at most: deletion belongs to clients that wait in real time.
    await this.endContainers(graceSeconds * 1000 * Math.min(1, this.node.timeScale));
    if (!this.node.instant) await this.sheet.flush();
    if (this.sheet.muted) return;
    await this.node.client.remove(this.sheet.path, {
      gracePeriodSeconds: 0,
      preconditions: { uid: this.sheet.pod.metadata.uid },
    });
  }
}
