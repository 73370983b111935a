import { randomBytes } from 'node:crypto';
import type { Client } from '../client.js';
import type { EventRecorder } from '../events.js';
import { sleep } from '../pacing.js';
import type { Container, Pod } from '../types.js';
import type { ImageStore } from './images.js';
import type { References } from './references.js';
import type { ContainerScript } from './script.js';
import type { PodSheet } from './sheet.js';

/** The pod is being stopped: what was going on ends here. */
export class Stopped extends Error {}

/** What the parts of one node share. */
export interface NodeContext {
  name: string;
  hostIP: string;
  client: Client;
  recorder: EventRecorder;
  images: ImageStore;
  /** All spans of scripts and back-offs are multiplied by this. */
  timeScale: number;
  /** One status patch as soon as the pod runs, no kubelet Events, no look at ConfigMaps and Secrets. */
  instant: boolean;
  /** A silent kubelet goes on running its pods and tells nobody. */
  silent: boolean;
  script(pod: Pod, container: Container): ContainerScript;
  newPodIP(): string;
}

/** What the parts of one pod's run share. */
export class PodContext {
  private readonly stopping = new AbortController();
  private readonly failures = new Map<string, number>();

  constructor(
    readonly node: NodeContext,
    readonly sheet: PodSheet,
    readonly references: References,
  ) {}

  get pod(): Pod {
    return this.sheet.pod;
  }

  get signal(): AbortSignal {
    return this.stopping.signal;
  }

  stop(): void {
    this.stopping.abort();
  }

  /** Waits a span of cluster time; throws Stopped if the pod is stopped meanwhile. */
  async pause(ms: number): Promise<void> {
    await sleep(ms * this.node.timeScale, this.signal);
    this.check();
  }

  check(): void {
    if (this.signal.aborted) throw new Stopped();
  }

  /** Writes the status as it is now, as a step that others may see; skipped where all steps go together. */
  async step(): Promise<void> {
    if (!this.node.instant) await this.sheet.flush();
    this.check();
  }

  normal(reason: string, message: string, container?: Container): void {
    this.note('Normal', reason, message, container);
  }

  warning(reason: string, message: string, container?: Container): void {
    this.note('Warning', reason, message, container);
  }

  /** The script of a container as it is now, with a failure that has healed left out. */
  script(container: Container): ContainerScript {
    const script = this.node.script(this.pod, container);
    if (script.failTimes === undefined || (this.failures.get(container.name) ?? 0) < script.failTimes)
      return script;
    const { failure: _healed, ...rest } = script;
    return rest;
  }

  /** Counts one occurrence of the scripted failure. */
  failed(container: Container): void {
    this.failures.set(container.name, (this.failures.get(container.name) ?? 0) + 1);
  }

  private note(type: 'Normal' | 'Warning', reason: string, message: string, container?: Container): void {
    if (this.node.instant || this.node.silent) return;
    const own = this.pod.spec.containers.some((each) => each.name === container?.name);
    const list = own ? 'containers' : 'initContainers';
    this.node.recorder.note({
      object: { ...this.pod, apiVersion: 'v1', kind: 'Pod' },
      type,
      reason,
      message,
      ...(container && { fieldPath: `spec.${list}{${container.name}}` }),
    });
  }
}

export const newContainerID = (): string => `containerd://${randomBytes(32).toString('hex')}`;
