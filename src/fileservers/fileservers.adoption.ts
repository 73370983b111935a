import { Injectable } from '@nestjs/common';

import { newOperationId } from '../common/ids.js';
import { millis } from '../common/units.js';
import { RemovalBrake } from '../labs/index.js';
import { again, settled } from '../reconcile/index.js';
import type { Outcome, Run } from '../reconcile/index.js';
import { FileserverContext } from './fileserver.context.js';
import { FileserverCluster } from './fileserver-cluster.js';
import { decideOrphan } from './fileserver-orphans.policy.js';
import type { OrphanDecision } from './fileserver-orphans.policy.js';
import type { ServerPlace } from './fileserver-world.repository.js';
import { currentProgress, isFiled } from './fileserver.js';
import type { ServerWish } from './fileserver.js';
import { FileserverView } from './fileserver.view.js';

/** Looks after what exists without a record that lives: adopts servers that run, removes what is left of others. */
@Injectable()
export class FileserversAdoption {
  constructor(
    private readonly view: FileserverView,
    private readonly cluster: FileserverCluster,
    private readonly brake: RemovalBrake,
    private readonly context: FileserverContext,
  ) {}

  /** Names of servers that run without a record, from this replica's own caches. */
  pending(): readonly string[] {
    return this.view.world.places().flatMap((place) => (this.isPending(place) ? [place.name] : []));
  }

  isPendingFor(name: string): boolean {
    return this.isPending(this.view.world.place(name));
  }

  /** @throws {KubernetesError} */
  async reconcile(name: string, run: Run): Promise<Outcome> {
    const place = this.view.world.place(name);
    const decision = this.decide(place);
    switch (decision.kind) {
      case 'leave':
        return decision.until === undefined
          ? settled
          : again(millis(decision.until - this.context.clock.now()));
      case 'adopt':
        return this.adopt(place, run);
      case 'remove':
        return this.remove(place, decision, run);
    }
  }

  /** A server whose record is stopped, and that runs all the same, was made by another controller since. */
  private isPending(place: ServerPlace): boolean {
    const server = this.view.servers.find(place.name);
    if (!server || isFiled(server)) return this.decide(place).kind === 'adopt';
    return server.wish.operation.kind === 'adopt' && currentProgress(server) === undefined;
  }

  private decide(place: ServerPlace): OrphanDecision {
    const { instance } = this.view.servers;
    const { creationTimeout, hasKey } = this.view.terms;
    const filed = this.view.servers.find(place.name)?.uid;
    const terms = { instance, creationTimeout, hasKey, filed };
    return decideOrphan(place, terms, this.context.clock.now());
  }

  private async adopt({ name, job }: ServerPlace, run: Run): Promise<Outcome> {
    const { identity } = job ?? {};
    if (!identity) return settled;
    const wish: ServerWish = {
      owner: {
        username: name,
        name: null,
        uid: identity.uid,
        gid: identity.gid,
        // The Job knows numbers only, and numbers are all that a file server needs.
        groups: identity.groups.map((id) => ({ name: String(id), id })),
      },
      desiredState: 'running',
      operation: { id: newOperationId(), kind: 'adopt', acceptedAt: this.context.clock.now() },
    };
    const record = this.view.servers.find(name) && (await this.view.servers.confirm(name, 'reconcile'));
    if (record) await this.view.servers.restart(record, wish, 'reconcile');
    else await this.view.servers.create(wish, 'reconcile');
    run.log.info('file server adopted', { server: name, operation: wish.operation.id });
    return again(millis(0));
  }

  private async remove(
    place: ServerPlace,
    { part, uid, owner }: Extract<OrphanDecision, { kind: 'remove' }>,
    run: Run,
  ): Promise<Outcome> {
    const { name } = place;
    const live = await this.view.servers.confirm(name, 'reconcile');
    if (live && !isFiled(live)) return again(this.view.world.files.reconcileInterval);
    const total = Math.max(this.view.servers.list().length, this.view.world.places().length);
    if (!(await this.brake.permits(uid, total, run.signal))) return settled;
    run.log.warn('remains of a file server without a record removed', { server: name, part, owner });
    await this.cluster.deletePart(name, { part, uid }, run.signal);
    return again(millis(0));
  }
}
