import { Global, Module } from '@nestjs/common';

import type { UserInfo } from '../../src/auth/index.js';
import {
  FileserversService,
  FsadminNotFound,
  FsadminService,
  NoFileServer,
} from '../../src/fileservers/index.js';

/** Stands where the file servers' room would, and remembers what it was asked. */
export class FilesDouble {
  readonly opened: UserInfo[] = [];
  readonly removed: string[] = [];
  readonly servers = new Set<string>();
  /** Owners by key. */
  readonly keys = new Map<string, string>();
  /** Start time of the administrators' pod, if there is one. */
  startTime: string | undefined;
  /** Thrown by the next call of any verb. */
  fail: Error | undefined;

  async open(user: UserInfo): Promise<string> {
    this.throwIfTold();
    this.opened.push(user);
    return Promise.resolve(`https://data.example.org/files/${user.username}`);
  }

  async status(username: string): Promise<void> {
    this.throwIfTold();
    if (!this.servers.has(username)) throw new NoFileServer(username);
    return Promise.resolve();
  }

  async list(): Promise<readonly string[]> {
    this.throwIfTold();
    return Promise.resolve([...this.servers]);
  }

  async remove(username: string): Promise<void> {
    this.throwIfTold();
    if (!this.servers.has(username)) throw new NoFileServer(username, `Unknown user ${username}`);
    this.removed.push(username);
    return Promise.resolve();
  }

  ownerOfKey(key: string): string | undefined {
    return this.keys.get(key);
  }

  /** The administrators' pod. */
  readonly fsadmin = {
    status: (): Promise<string> =>
      this.startTime === undefined
        ? Promise.reject(new FsadminNotFound('nublado', 'fsadmin'))
        : Promise.resolve(this.startTime),
    create: (): Promise<string> => {
      this.startTime ??= '2026-11-21T18:00:00Z';
      return Promise.resolve(this.startTime);
    },
    remove: (): Promise<void> => {
      this.startTime = undefined;
      return Promise.resolve();
    },
  };

  private throwIfTold(): void {
    const { fail } = this;
    this.fail = undefined;
    if (fail) throw fail;
  }
}

/** A module that gives `double` to whoever injects the room's services. */
export function filesModule(double: FilesDouble): object {
  const services = [
    { provide: FileserversService, useValue: double },
    { provide: FsadminService, useValue: double.fsadmin },
  ];
  @Global()
  @Module({ providers: services, exports: services.map(({ provide }) => provide) })
  class FilesDoubleModule {}
  return FilesDoubleModule;
}
