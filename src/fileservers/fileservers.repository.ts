import { Injectable } from '@nestjs/common';

import {
  Informers,
  KubeConnection,
  KubeReader,
  KubeWriter,
  OBJECT_EVENTS,
  storyEvent,
  stopPatch,
} from '../kubernetes/index.js';
import type { Informer, JsonPatchOperation, Priority } from '../kubernetes/index.js';
import type { LedgerEntry } from '../common/ledger.js';
import type { Instant } from '../common/units.js';
import type { FileServer, ServerWish } from './fileserver.js';
import { serverOf } from './fileserver.mapper.js';
import { forgetPatch, newServer, startPatch } from './fileserver.patches.js';
import { FILE_SERVERS } from './fileserver.resource.js';
import type { FileServerResource } from './fileserver.resource.js';
import { MalformedFileServer } from './fileservers.errors.js';

/** A cached FileServer; without `server` if it can't be read as one. */
interface CachedServer {
  readonly name: string;
  readonly server: FileServer | undefined;
}

/** FileServer resources: the only place that reads and writes them. */
@Injectable()
export class FileserversRepository {
  private readonly cache: Informer<CachedServer>;

  constructor(
    informers: Informers,
    private readonly reader: KubeReader,
    private readonly writer: KubeWriter,
    private readonly connection: KubeConnection,
  ) {
    this.cache = informers.add<FileServerResource, CachedServer>({
      kind: FILE_SERVERS,
      namespace: connection.namespace,
      project: (resource) => ({ name: resource.metadata?.name ?? '', server: serverOf(resource) }),
      indexes: { uid: ({ server }) => (server ? [server.uid] : []) },
    });
  }

  /** The controller's namespace, which is also the name of this instance. */
  get instance(): string {
    return this.connection.namespace;
  }

  get synced(): boolean {
    return this.cache.synced;
  }

  find(name: string): FileServer | undefined {
    return this.cache.get(this.ref(name))?.server;
  }

  byUid(uid: string): FileServer | undefined {
    return this.cache.by('uid', uid)[0]?.server;
  }

  list(): readonly FileServer[] {
    return this.cache.list().flatMap(({ server }) => (server ? [server] : []));
  }

  /** Names of resources that can't be read. */
  malformed(): readonly string[] {
    return this.cache.list().flatMap(({ server, name }) => (server ? [] : [name]));
  }

  onChange(listener: (name: string) => void): () => void {
    return this.cache.onChange(({ value }) => listener(value.name));
  }

  /** The server as it is now: one live read, shared with whoever waits for the next one. @throws {KubernetesError} */
  async confirm(name: string, priority: Priority = 'interactive'): Promise<FileServer | undefined> {
    const options = { priority, reason: 'fileserver-confirm' };
    const resource = await this.reader.confirm(FILE_SERVERS, this.ref(name), options);
    return resource && this.read(resource);
  }

  /** @throws {KubernetesError} `conflict` if there is a record already */
  async create(wish: ServerWish, priority: Priority = 'interactive'): Promise<FileServer> {
    const resource = newServer(this.instance, wish);
    return this.read(
      await this.writer.create(FILE_SERVERS, resource, { priority, reason: 'fileserver-create' }),
    );
  }

  /** A new start over a record that is stopped. @throws {KubernetesError} `conflict` if it is not that any more */
  restart(server: FileServer, wish: ServerWish, priority: Priority = 'interactive'): Promise<FileServer> {
    return this.patch(server.name, startPatch(server, wish), { priority, reason: 'fileserver-restart' });
  }

  /** @throws {KubernetesError} `conflict` if another operation came first */
  stop(
    server: FileServer,
    operation: { readonly id: string; readonly at: Instant },
    priority: Priority,
  ): Promise<FileServer> {
    return this.patch(server.name, stopPatch(server, operation), { priority, reason: 'fileserver-stop' });
  }

  /** @throws {KubernetesError} `conflict` if somebody wrote first */
  record(name: string, operations: readonly JsonPatchOperation[], signal: AbortSignal): Promise<FileServer> {
    const options = {
      priority: 'reconcile',
      reason: 'fileserver-status',
      subresource: 'status',
      signal,
    } as const;
    return this.patch(name, operations, options);
  }

  /** Deletes a record; its finalizer holds it until it is forgotten. @throws {KubernetesError} */
  async erase({ name, uid }: FileServer, signal: AbortSignal): Promise<void> {
    const options = { priority: 'background', reason: 'fileserver-erase', signal, uid } as const;
    await this.writer.delete(FILE_SERVERS, this.ref(name), options);
  }

  async forget(server: FileServer, signal: AbortSignal): Promise<void> {
    const options = { priority: 'reconcile', reason: 'fileserver-forget', signal } as const;
    await this.writer.patch(FILE_SERVERS, this.ref(server.name), forgetPatch(server), options);
  }

  /** Tells `kubectl describe fileserver`. @throws {KubernetesError} */
  async announce({ name, uid, wish }: FileServer, told: LedgerEntry): Promise<void> {
    const about = { kind: FILE_SERVERS, namespace: this.instance, name, uid };
    const event = storyEvent(about, wish.operation.id, told);
    const options = { priority: 'background', reason: 'fileserver-event' } as const;
    await this.writer.createIfAbsent(OBJECT_EVENTS, event, options);
  }

  private async patch(
    name: string,
    operations: readonly JsonPatchOperation[],
    options: Parameters<KubeWriter['patch']>[3],
  ): Promise<FileServer> {
    return this.read(await this.writer.patch(FILE_SERVERS, this.ref(name), operations, options));
  }

  private read(resource: FileServerResource): FileServer {
    const server = serverOf(resource);
    if (server) return server;
    throw new MalformedFileServer(resource.metadata?.name ?? '');
  }

  private ref(name: string): { readonly namespace: string; readonly name: string } {
    return { namespace: this.instance, name };
  }
}
