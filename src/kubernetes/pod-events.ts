import { Injectable } from '@nestjs/common';
import type { Instant } from '../common/units.js';

/** What a kubelet, the scheduler or a controller said about one pod. */
export interface PodEvent {
  readonly namespace: string;
  readonly podName: string;
  readonly podUid: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  readonly count: number;
  readonly at: Instant;
  readonly component: string;
  /** Names the container: `spec.containers{notebook}`. */
  readonly fieldPath?: string | undefined;
}

/** One watch for the events of all pods, filtered to the namespaces the caller accepts. */
@Injectable()
export class PodEvents {
  onEvent(listener: (event: PodEvent) => void): () => void {
    throw new Error(`not written yet: ${listener.name}`);
  }
  onGap(listener: () => void): () => void {
    throw new Error(`not written yet: ${listener.name}`);
  }
  watch(accepts: (namespace: string) => boolean): void {
    throw new Error(`not written yet: ${accepts.name}`);
  }
  listNamespace(namespace: string, signal?: AbortSignal): Promise<void> {
    throw new Error(`not written yet: ${namespace} ${String(signal?.aborted)}`);
  }
  stop(): Promise<void> {
    throw new Error('not written yet');
  }
}
