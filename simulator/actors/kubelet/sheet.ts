import type { Client } from '../client.js';
import { isStatus } from '../client.js';
import { timestamp } from '../events.js';
import type { ContainerStatus, Pod } from '../types.js';
import type { PodFacts } from './status.js';
import { statusOf, waitingStatus } from './status.js';

/** What one node's kubelet knows of a pod, and the writing of it: one patch at a time, changes in between go together. */
export class PodSheet {
  readonly facts: PodFacts;
  /** The pod is gone: nothing is written any more. */
  muted = false;
  private dirty = false;
  private writing: Promise<void> | undefined;
  private written = '';

  constructor(
    private readonly node: { client: Client; hostIP: string; silent: boolean },
    public pod: Pod,
  ) {
    const { status, spec } = pod;
    const init = (spec.initContainers ?? []).map((each) => waitingStatus(each, pod));
    const containers = spec.containers.map((each) => waitingStatus(each, pod));
    this.facts = {
      startTime: status?.startTime ?? timestamp(),
      hostIP: node.hostIP,
      ...(status?.podIP !== undefined && { podIP: status.podIP }),
      init: known(status?.initContainerStatuses, init),
      containers: known(status?.containerStatuses, containers),
      stopping: false,
    };
  }

  get path(): string {
    const { namespace = 'default', name } = this.pod.metadata;
    return `/api/v1/namespaces/${namespace}/pods/${name}`;
  }

  container(name: string): ContainerStatus {
    const found = [...this.facts.init, ...this.facts.containers].find((each) => each.name === name);
    if (found === undefined) throw new Error(`pod ${this.pod.metadata.name} has no container ${name}`);
    return found;
  }

  /** Resolves when everything that is true at this moment is written (or the pod is gone). */
  flush(): Promise<void> {
    this.dirty = true;
    this.writing ??= this.write().finally(() => (this.writing = undefined));
    return this.writing;
  }

  private async write(): Promise<void> {
    while (this.dirty && !this.muted && !this.node.silent) {
      this.dirty = false;
      const status = statusOf(this.pod, this.facts);
      const text = JSON.stringify(status);
      if (text === this.written) continue;
      const { uid } = this.pod.metadata;
      try {
        const pod = await this.node.client.merge<Pod>(`${this.path}/status`, { metadata: { uid }, status });
        this.pod = { ...this.pod, status: pod.status ?? {} };
        this.written = text;
      } catch (error) {
        if (!isStatus(error, 404, 409, 422)) throw error;
        // Gone, or replaced by a pod of the same name: nothing of this sheet is true any more.
        this.muted = true;
      }
    }
  }
}

/** Takes over what an earlier kubelet wrote. */
function known(seen: ContainerStatus[] | undefined, fresh: ContainerStatus[]): ContainerStatus[] {
  return fresh.map((each) => {
    const old = seen?.find(({ name }) => name === each.name);
    return old === undefined ? each : structuredClone(old);
  });
}
