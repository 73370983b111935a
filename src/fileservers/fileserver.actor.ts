import { Injectable } from '@nestjs/common';

import { newOperationId } from '../common/ids.js';
import type { LedgerEntry } from '../common/ledger.js';
import type { Log } from '../common/logger.js';
import { KubernetesError } from '../kubernetes/index.js';
import type { Run } from '../reconcile/index.js';
import { FileserverContext } from './fileserver.context.js';
import { FileserverCluster } from './fileserver-cluster.js';
import { nameTaken, refused } from './fileserver.causes.js';
import { podRefused } from './fileserver-refusal.policy.js';
import { forcedMark } from './fileserver.decision.js';
import type { Part, StatusRecord, Step } from './fileserver.decision.js';
import type { FileServer } from './fileserver.js';
import { objectName } from './fileserver.names.js';
import { statusPatch } from './fileserver.patches.js';
import { FileserverView } from './fileserver.view.js';
import { StaleServerCache } from './fileservers.errors.js';
import { FileServerFailed, FileServerStarted, FileServerStopped } from './fileservers.events.js';
import { buildKey } from './objects/index.js';

/** What a step left: go on deciding, or let the cluster catch up first. */
export type Effect = 'done' | 'pending';

/** Steps that turn a server, or its record, into something else. */
type Turn = 'mark_job' | 'ask_job' | 'clear_claims' | 'clear_key' | 'begin_stop' | 'erase' | 'forget';

/** Carries out decisions about one server, one write a step. */
@Injectable()
export class FileserverActor {
  constructor(
    private readonly view: FileserverView,
    private readonly cluster: FileserverCluster,
    private readonly context: FileserverContext,
  ) {}

  /** @throws {KubernetesError} */
  async perform(server: FileServer, step: Step, run: Run): Promise<Effect> {
    switch (step.do) {
      case 'create_claim':
      case 'create_key':
      case 'create_part':
        return this.create(server, step, run);
      case 'record':
        return this.record(server, step.record, run);
      case 'delete_part':
        await this.cluster.deletePart(server.name, step, run.signal);
        this.view.memory.of(server).deleting(step.uid, this.context.clock.now());
        return 'done';
      case 'force_pod':
        return this.force(server, step, run);
      default:
        return this.turn(server, step, run);
    }
  }

  private async turn(server: FileServer, step: Extract<Step, { do: Turn }>, run: Run): Promise<Effect> {
    const memory = this.view.memory.of(server);
    switch (step.do) {
      case 'mark_job':
        await this.cluster.markJob(server, step.uid, run.signal);
        return 'done';
      case 'ask_job':
        await this.askJob(server, step.uid, run);
        return 'done';
      case 'clear_claims':
        await this.cluster.clearClaims(server, memory.claimsHalfCleared ? 'unmarked' : 'ours', run.signal);
        memory.clearedClaims();
        return 'done';
      case 'clear_key':
        await this.cluster.clearKeys(server, false, run.signal);
        memory.keyCleared = true;
        return 'done';
      case 'begin_stop':
        return this.beginStop(server, step.confirm === true, run);
      case 'erase':
        await this.view.servers.erase(server, run.signal);
        return 'done';
      case 'forget':
        await this.view.servers.forget(server, run.signal);
        this.view.memory.forget(server.name);
        return 'pending';
    }
  }

  /** A refusal that is certain ends the start; any other is told, and is the cause if the time runs out. */
  private async askJob(server: FileServer, uid: string, run: Run): Promise<void> {
    const memory = this.view.memory.of(server);
    memory.askedJob(this.context.clock.now());
    const message = await this.cluster.whyNoPod(uid, run.signal);
    if (message === undefined) return;
    const { certain, telling } = podRefused(message);
    if (certain) memory.refusal = telling;
    else memory.remember(telling);
  }

  private async force(
    server: FileServer,
    { pod, uid }: Extract<Step, { do: 'force_pod' }>,
    run: Run,
  ): Promise<Effect> {
    await this.cluster.forcePod({ pod, uid }, run.signal);
    this.view.memory.of(server).deleting(forcedMark(uid), this.context.clock.now());
    run.log.warn('pod of a file server forced off a silent node', { server: server.name, pod });
    return 'done';
  }

  private async beginStop(server: FileServer, confirm: boolean, run: Run): Promise<Effect> {
    if (confirm && (await this.cluster.jobLives(server, run.signal))) throw new StaleServerCache(server.name);
    await this.view.servers.stop(server, { id: newOperationId(), at: this.context.clock.now() }, 'reconcile');
    return 'done';
  }

  /** What the cluster will never take fails the start; what it does not take yet is told and tried again. */
  private async create(
    server: FileServer,
    step: Extract<Step, { do: 'create_claim' | 'create_key' | 'create_part' }>,
    run: Run,
  ): Promise<Effect> {
    const memory = this.view.memory.of(server);
    try {
      if (step.do === 'create_part') return await this.createPart(server, step.part, run);
      await (step.do === 'create_claim' ? this.createClaim(server, run) : this.createKey(server, run));
      return 'done';
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error;
      const refusal = refused(`the ${error.kind} of the file server`, error.apiMessage);
      if (error.verdict === 'permanent' || error.verdict === 'cause') {
        memory.refusal = refusal;
        return 'done';
      }
      if (error.verdict !== 'wait') throw error;
      memory.remember({ ...refusal, reason: 'cluster_not_ready', severity: 'warning' });
      return 'pending';
    }
  }

  private async createClaim(server: FileServer, run: Run): Promise<void> {
    const memory = this.view.memory.of(server);
    const claim = this.view.claimsOf(server)[memory.claimsMade];
    // One that exists is this user's: no other has that name, and the data in it is why it is there.
    if (claim) await this.cluster.create(claim, run.signal);
    memory.claimsMade += 1;
  }

  /** A Secret can't be read there: one of an earlier operation is removed unread, and then ours is made. */
  private async createKey(server: FileServer, run: Run): Promise<void> {
    const memory = this.view.memory.of(server);
    const key = this.view.keys.keyOf(server.uid);
    if (key === undefined) {
      await this.view.keys.make(run.signal);
      return;
    }
    if (
      !(await this.cluster.create(buildKey(this.view.inputOf(server), key), run.signal)) &&
      !memory.secretCleared
    ) {
      await this.cluster.clearKeys(server, true, run.signal);
      memory.secretCleared = true;
      return;
    }
    memory.keyMade = true;
  }

  private async createPart(server: FileServer, part: Part, run: Run): Promise<Effect> {
    const memory = this.view.memory.of(server);
    const creation = await this.cluster.createPart(server, part, run.signal);
    if (part === 'job') memory.madeJob(this.context.clock.now());
    if (creation === 'created') return 'done';
    if (creation === 'foreign') {
      const { kind } = this.cluster.kindOf(part);
      memory.refusal = nameTaken(kind, objectName(server.name));
      if (server.record.phase === 'running')
        run.log.error('a name of a file server is taken', { server: server.name, kind });
    }
    return 'pending';
  }

  private async record(server: FileServer, record: StatusRecord, run: Run): Promise<Effect> {
    const now = this.context.clock.now();
    const url = this.view.urlOf(server);
    const { operations, added } = statusPatch(server, record, { url, now });
    const written = await this.view.servers.record(server.name, operations, run.signal);
    this.view.memory.of(server).wroteAt = now;
    const { id } = server.wish.operation;
    const reason = record.failure?.reason ?? record.tellings.at(-1)?.reason;
    run.log.info('file server recorded', {
      server: server.name,
      operation: id,
      phase: record.phase,
      reason,
    });
    this.publish(server, record);
    this.announce(written, added, run.log);
    return 'done';
  }

  private publish(server: FileServer, record: StatusRecord): void {
    const { name, wish } = server;
    if (record.failure) this.context.bus.publish(new FileServerFailed(name, record.failure.reason));
    else if (record.ended && wish.operation.kind === 'stop')
      this.context.bus.publish(new FileServerStopped(name));
    else if (record.ended) this.context.bus.publish(new FileServerStarted(name));
  }

  /** One at the end of a start, one a cause; losing them harms nobody. */
  private announce(server: FileServer, added: readonly LedgerEntry[], log: Log): void {
    if (server.wish.operation.kind === 'stop') return;
    const memory = this.view.memory.of(server);
    for (const told of added) {
      const isEnd = told.event === 'failed' || told.event === 'complete';
      if (!isEnd && (told.remedy === undefined || !memory.mayAnnounceCause())) continue;
      this.view.servers.announce(server, told).catch((error: unknown) => {
        log.warn('event of a file server was not written', { server: server.name, error });
      });
    }
  }
}
