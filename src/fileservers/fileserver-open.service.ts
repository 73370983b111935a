import { Injectable } from '@nestjs/common';

import type { UserInfo } from '../auth/index.js';
import { newOperationId } from '../common/ids.js';
import { millis } from '../common/units.js';
import { ownerProblem, recordable } from '../common/owner-limits.js';
import type { Owner } from '../common/record.js';
import { KubernetesError } from '../kubernetes/index.js';
import { FileserverContext } from './fileserver.context.js';
import { FileserverChanges } from './fileserver-changes.js';
import { overdue, stillEnding } from './fileserver.causes.js';
import { currentProgress, isFiled, phaseOf } from './fileserver.js';
import type { FileServer, ServerFailure, ServerWish } from './fileserver.js';
import { serverName } from './fileserver.names.js';
import { isReachable } from './fileserver.observed.js';
import { FileserverView } from './fileserver.view.js';
import { FileServerCreateFailed, FilesNotPermitted } from './fileservers.errors.js';
import { FileServerWished } from './fileservers.events.js';
import { FileserversReadiness } from './fileservers.readiness.js';

/** Only for what no watch tells. */
const LOOK_EVERY = millis(1000);

/** Brings a user's server up and answers when it can be reached. Any number of requests for one server share it. */
@Injectable()
export class FileserverOpenService {
  constructor(
    private readonly view: FileserverView,
    private readonly readiness: FileserversReadiness,
    private readonly changes: FileserverChanges,
    private readonly context: FileserverContext,
  ) {}

  /** @returns the server's URL @throws {FileServerCreateFailed} @throws {FilesNotPermitted} @throws {FilesNotReady} */
  async open(user: UserInfo): Promise<string> {
    const owner = ownerFrom(user);
    const name = serverName(owner.username);
    const { creationTimeout, deleteTimeout } = this.view.world.files;
    // A stop under way comes before the start.
    const until = this.context.clock.monotonic() + creationTimeout + deleteTimeout;
    await this.readiness.hold(name);
    const awaited = new Set<string>();
    while (this.context.clock.monotonic() < until) {
      const server = this.view.servers.find(name);
      const url = await this.advance(server, { owner, awaited });
      if (url !== undefined) return url;
      await this.changes.next(
        name,
        millis(Math.min(LOOK_EVERY, Math.max(0, until - this.context.clock.monotonic()))),
      );
    }
    throw new FileServerCreateFailed(this.lateness(name, (creationTimeout + deleteTimeout) / 1000));
  }

  /** The URL if the server can be reached; otherwise makes sure that somebody works on it. */
  private async advance(
    server: FileServer | undefined,
    { owner, awaited }: { readonly owner: Owner; readonly awaited: Set<string> },
  ): Promise<string | undefined> {
    if (!server) return this.wish(undefined, owner, awaited);
    const failure = await this.confirmedFailure(server, awaited);
    if (failure) throw new FileServerCreateFailed(failure);
    if (isFiled(server)) return this.wish(server, owner, awaited);
    if (server.wish.desiredState === 'stopped' || server.beingDeleted) return undefined;
    // Somebody had this name before: their server goes, whatever it does.
    if (server.wish.owner.uid !== owner.uid) return this.stop(server);
    if (currentProgress(server)?.ended !== 'failed') awaited.add(server.wish.operation.id);
    return this.urlIfOpen(server);
  }

  private urlIfOpen(server: FileServer): string | undefined {
    const isOpen = phaseOf(server) === 'running' && isReachable(this.view.observe(server));
    return isOpen ? this.view.urlOf(server) : undefined;
  }

  /** A failure of what this request waited for; told only when a live read says so too. */
  private async confirmedFailure(
    { name, record }: FileServer,
    awaited: ReadonlySet<string>,
  ): Promise<ServerFailure | undefined> {
    if (!record.failure || !awaited.has(record.failure.operation)) return undefined;
    const failure = (await this.readiness.confirmed(name))?.record.failure;
    return failure && awaited.has(failure.operation) ? failure : undefined;
  }

  /** What this request wished itself it waits for from the first, however quickly it fails. */
  private async wish(record: FileServer | undefined, owner: Owner, awaited: Set<string>): Promise<undefined> {
    const wish: ServerWish = {
      owner,
      desiredState: 'running',
      operation: { id: newOperationId(), kind: 'start', acceptedAt: this.context.clock.now() },
    };
    awaited.add(wish.operation.id);
    const name = serverName(owner.username);
    await this.settling(name, () =>
      record ? this.view.servers.restart(record, wish) : this.view.servers.create(wish),
    );
    this.context.bus.publish(new FileServerWished(name));
  }

  private async stop(server: FileServer): Promise<undefined> {
    const operation = { id: newOperationId(), at: this.context.clock.now() };
    await this.settling(server.name, () => this.view.servers.stop(server, operation, 'interactive'));
    this.context.bus.publish(new FileServerWished(server.name));
  }

  /** Of several who write at once one wins; the others see what it wrote. */
  private async settling(name: string, write: () => Promise<unknown>): Promise<void> {
    try {
      await write();
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error;
      if (error.verdict === 'permanent' || error.verdict === 'cause') throw unrecorded(error);
      await this.readiness.confirmed(name);
    }
  }

  private lateness(
    name: string,
    limitSeconds: number,
  ): ConstructorParameters<typeof FileServerCreateFailed>[0] {
    const server = this.view.servers.find(name);
    if (server) {
      const tell = server.wish.desiredState === 'running' ? overdue : stillEnding;
      const told = tell(this.view.observe(server), limitSeconds);
      return { reason: told.reason, cause: told.message, remedy: told.remedy ?? null, who: told.who ?? null };
    }
    return {
      reason: 'start_timed_out',
      cause: `File server creation timed out after ${limitSeconds}`,
      remedy: 'Ask again; if it recurs, an operator looks at the log of the controller',
      who: 'operator',
    };
  }
}

const unrecorded = (error: KubernetesError): FileServerCreateFailed =>
  new FileServerCreateFailed({
    reason: 'record_refused',
    cause: `The cluster refuses the record of the file server: ${error.apiMessage}`,
    remedy: 'The cluster’s policies refuse it; the message says why',
    who: 'operator',
  });

/** Nobody becomes root, or somebody else, by omission. */
function ownerFrom({ username, name, uid, gid, groups }: UserInfo): Owner {
  if (!uid || !gid) throw new FilesNotPermitted('The identity provider states no user number or group');
  const owner = recordable({ username, name, uid, gid, groups });
  const problem = ownerProblem(owner);
  if (problem) throw new FilesNotPermitted(problem.message);
  return owner;
}
