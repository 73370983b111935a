import { Injectable } from '@nestjs/common';

import type { UserInfo } from '../auth/index.js';
import { FileserverOpenService } from './fileserver-open.service.js';
import { FileserverRemoveService } from './fileserver-remove.service.js';
import { phaseOf } from './fileserver.js';
import type { FileServer } from './fileserver.js';
import { serverName } from './fileserver.names.js';
import { FileserverView } from './fileserver.view.js';
import { FilesNotSupported, NoFileServer } from './fileservers.errors.js';
import { FileserversReadiness } from './fileservers.readiness.js';

/** The verbs of the room, for whoever answers requests. */
@Injectable()
export abstract class FileserversService {
  /**
   * Brings the user's server up if it is not, and resolves with its URL once it can be reached.
   * @throws {FileServerCreateFailed} with a typed reason and a remedy @throws {FilesNotPermitted} @throws {FilesNotReady}
   */
  abstract open(user: UserInfo): Promise<string>;

  /**
   * Resolves if the server runs, and is not that of somebody with another `uid`, who had the name before.
   * @throws {NoFileServer} confirmed by a live read @throws {FilesNotReady}
   */
  abstract status(username: string, uid?: number): Promise<void>;

  /** Usernames whose server runs, from the cache once it holds every server. @throws {FilesNotReady} */
  abstract list(): Promise<readonly string[]>;

  /** The same as far as is known now. */
  abstract running(): readonly string[];

  /** Stops the server and resolves when nothing of it is left. @throws {NoFileServer} @throws {FileServerDeleteFailed} */
  abstract remove(username: string): Promise<void>;

  /** Whose server holds this key; undefined for anything but the key of a server that is meant to run. No request. */
  abstract ownerOfKey(key: string): string | undefined;
}

@Injectable()
export class EnabledFileservers extends FileserversService {
  constructor(
    private readonly view: FileserverView,
    private readonly readiness: FileserversReadiness,
    private readonly opening: FileserverOpenService,
    private readonly removal: FileserverRemoveService,
  ) {
    super();
  }

  open(user: UserInfo): Promise<string> {
    return this.opening.open(user);
  }

  async status(username: string, uid?: number): Promise<void> {
    const name = serverName(username);
    await this.readiness.hold(name);
    const cached = this.view.servers.find(name);
    if (runsFor(uid, cached)) return;
    const live = await this.readiness.confirmed(name);
    if (!runsFor(uid, live)) throw new NoFileServer(username);
  }

  async list(): Promise<readonly string[]> {
    await this.readiness.holdAll();
    return this.running();
  }

  running(): readonly string[] {
    const servers = this.view.servers.list().filter((server) => phaseOf(server) === 'running');
    return servers.map(({ wish }) => wish.owner.username);
  }

  remove(username: string): Promise<void> {
    return this.removal.remove(username);
  }

  ownerOfKey(key: string): string | undefined {
    const uid = this.view.keys.uidOf(key);
    const server = uid === undefined ? undefined : this.view.servers.byUid(uid);
    const isMeant = server?.wish.desiredState === 'running' && !server.beingDeleted;
    return isMeant ? server.wish.owner.username : undefined;
  }
}

const runsFor = (uid: number | undefined, server: FileServer | undefined): boolean =>
  server !== undefined &&
  phaseOf(server) === 'running' &&
  (uid === undefined || uid === server.wish.owner.uid);

/** Where the configuration wants no file servers. */
@Injectable()
export class DisabledFileservers extends FileserversService {
  open(): Promise<string> {
    return Promise.reject(new FilesNotSupported());
  }

  status(): Promise<void> {
    return Promise.reject(new FilesNotSupported());
  }

  list(): Promise<never> {
    return Promise.reject(new FilesNotSupported());
  }

  running(): readonly string[] {
    throw new FilesNotSupported();
  }

  remove(): Promise<void> {
    return Promise.reject(new FilesNotSupported());
  }

  ownerOfKey(): undefined {
    return undefined;
  }
}
