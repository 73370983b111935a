import { Injectable } from '@nestjs/common';

import { newOperationId } from '../common/ids.js';
import { millis } from '../common/units.js';
import { KubernetesError } from '../kubernetes/index.js';
import { FileserverContext } from './fileserver.context.js';
import { FileserverChanges } from './fileserver-changes.js';
import { isFiled } from './fileserver.js';
import type { FileServer } from './fileserver.js';
import { serverName } from './fileserver.names.js';
import { FileserverView } from './fileserver.view.js';
import { FileServerDeleteFailed, NoFileServer } from './fileservers.errors.js';
import { FileServerWished } from './fileservers.events.js';
import { FileserversReadiness } from './fileservers.readiness.js';

const TRIES = 5;
const LOOK_EVERY = millis(1000);

/** Stops file servers, and answers when they are gone. */
@Injectable()
export class FileserverRemoveService {
  constructor(
    private readonly view: FileserverView,
    private readonly readiness: FileserversReadiness,
    private readonly changes: FileserverChanges,
    private readonly context: FileserverContext,
  ) {}

  /** @throws {NoFileServer} @throws {FileServerDeleteFailed} @throws {FilesNotReady} */
  async remove(username: string): Promise<void> {
    const name = serverName(username);
    const { deleteTimeout } = this.view.world.files;
    const until = this.context.clock.monotonic() + deleteTimeout;
    await this.readiness.hold(name);
    const stopping = await this.wish(name, username);
    this.context.bus.publish(new FileServerWished(name));
    while (!this.isOver(name, stopping)) {
      const left = until - this.context.clock.monotonic();
      if (left <= 0) {
        const error = `File server deletion timed out after ${deleteTimeout / 1000}`;
        throw new FileServerDeleteFailed(username, error);
      }
      await this.changes.next(name, millis(Math.min(left, LOOK_EVERY)));
    }
  }

  /** Makes sure that the server is wished to stop; as of then. Joins a stop under way. */
  private async wish(name: string, username: string): Promise<FileServer> {
    const operation = { id: newOperationId(), at: this.context.clock.now() };
    let server = this.view.servers.find(name);
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      // Only a server that surely lives is stopped without asking; any end, absence included, is confirmed.
      const certain = server?.wish.desiredState === 'running' ? server : await this.readiness.confirmed(name);
      if (!certain) throw new NoFileServer(username, `Unknown user ${username}`);
      const ownStop = certain.wish.operation.id === operation.id;
      if (isFiled(certain) && !ownStop) {
        throw new NoFileServer(username, `File server for ${username} not running`);
      }
      if (certain.wish.desiredState === 'stopped' || certain.beingDeleted) return certain;
      const stopped = await this.stop(certain, operation);
      if (stopped) return stopped;
      server = undefined;
    }
    throw new FileServerDeleteFailed(username, 'it is changed again and again');
  }

  private async stop(
    server: FileServer,
    operation: Parameters<FileserverView['servers']['stop']>[1],
  ): Promise<FileServer | undefined> {
    try {
      return await this.view.servers.stop(server, operation, 'interactive');
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error;
      if (error.outdated || error.unanswered) return undefined;
      throw new FileServerDeleteFailed(server.wish.owner.username, error.apiMessage, error);
    }
  }

  /** Stopped, forgotten, or already started anew by somebody else. */
  private isOver(name: string, stopping: FileServer): boolean {
    const server = this.view.servers.find(name);
    if (server?.uid !== stopping.uid || isFiled(server)) return true;
    const isAnother = server.wish.operation.id !== stopping.wish.operation.id;
    return isAnother && server.wish.desiredState === 'running' && server.generation > stopping.generation;
  }
}
