import { randomInt } from 'node:crypto';
import type { Client } from './client.js';
import { isStatus } from './client.js';
import type { KubeObject } from './types.js';

export interface Note {
  object: KubeObject;
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
  /** The part of the object, for example `spec.containers{notebook}`. */
  fieldPath?: string;
}

interface Told {
  path: string;
  count: number;
}

export const timestamp = (at = new Date()): string => at.toISOString().replace(/\.\d{3}Z$/, 'Z');

/** The name of an Event: that of its object and a time in nanoseconds. */
export const eventName = (object: string): string =>
  `${object}.${(BigInt(Date.now()) * 1_000_000n + BigInt(randomInt(1_000_000))).toString(16)}`;

/** Writes Events the way a kubelet does: what repeats is counted on the first Event, not written again. */
export class EventRecorder {
  private readonly told = new Map<string, Told>();
  private readonly lines = new Map<string, Promise<void>>();

  constructor(
    private readonly client: Client,
    private readonly source: { component: string; host?: string },
  ) {}

  /** Queues the note; notes about one object are written in the order given. One that can't be written is dropped. */
  note(note: Note): void {
    const { uid } = note.object.metadata;
    const before = this.lines.get(uid) ?? Promise.resolve();
    const line = before
      .then(() => this.write(note))
      .catch(() => undefined)
      .then(() => {
        if (this.lines.get(uid) === line) this.lines.delete(uid);
      });
    this.lines.set(uid, line);
  }

  /** Resolves when everything noted so far is written. */
  async flushed(): Promise<void> {
    await Promise.all(this.lines.values());
  }

  private async write(note: Note): Promise<void> {
    const { object, reason, message, fieldPath = '' } = note;
    const key = [object.metadata.uid, fieldPath, reason, message].join('\n');
    const now = timestamp();
    const told = this.told.get(key);
    if (told !== undefined && (await this.repeat(told, now))) return;
    const namespace = object.metadata.namespace ?? 'default';
    const name = eventName(object.metadata.name);
    await this.client.create(`/api/v1/namespaces/${namespace}/events`, {
      ...skeleton(note, now),
      metadata: { name, namespace },
      source: this.source,
      reportingComponent: this.source.component,
      reportingInstance: this.source.host ?? '',
    });
    this.told.set(key, { path: `/api/v1/namespaces/${namespace}/events/${name}`, count: 1 });
    if (this.told.size > 4096) this.told.delete(this.told.keys().next().value ?? '');
  }

  private async repeat(told: Told, now: string): Promise<boolean> {
    try {
      told.count += 1;
      await this.client.merge(told.path, { count: told.count, lastTimestamp: now });
      return true;
    } catch (error) {
      if (isStatus(error, 404)) return false;
      throw error;
    }
  }
}

function skeleton(note: Note, now: string): object {
  const { object, type, reason, message, fieldPath } = note;
  const { name, namespace, uid, resourceVersion } = object.metadata;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    involvedObject: {
      apiVersion: object.apiVersion ?? 'v1',
      kind: object.kind ?? 'Pod',
      ...(namespace !== undefined && { namespace }),
      name,
      uid,
      ...(resourceVersion !== undefined && { resourceVersion }),
      ...(fieldPath !== undefined && { fieldPath }),
    },
    type,
    reason,
    message,
    firstTimestamp: now,
    lastTimestamp: now,
    count: 1,
  };
}
