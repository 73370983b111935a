import { Injectable } from '@nestjs/common';

import { Clock } from '../common/clock.js';
import { newOperationId } from '../common/ids.js';
import { ownerProblem, recordable } from '../common/owner-limits.js';
import type { Owner } from '../common/record.js';
import { AppSettings } from '../config/index.js';
import type { LabSize } from '../config/index.js';
import { ImagesService } from '../images/index.js';
import type { ImageRequest } from '../images/index.js';
import { LabBlueprint } from './lab.blueprint.js';
import { DEFAULT_LAB } from './lab.js';
import type { Lab, LabImage, LabWish, Quantities } from './lab.js';
import { labName } from './lab.names.js';
import { laneOf } from './lab.queue.js';
import type { CreateLab, QuotaEffect, Requester } from './lab.views.js';
import {
  InsufficientQuota,
  InvalidLabSize,
  LabTooLarge,
  SpawnNotPermitted,
  TooManyGroups,
} from './labs.errors.js';
import { MissingSecret, measureLabObjects, measureRequest } from './objects/index.js';

const IN_ENVIRONMENT = ['body', 'env'] as const;

/** Refuses a request for its content, before anything is written (contract 2.6, checks 4 to 8; design section 2). */
@Injectable()
export class LabRequestCheck {
  constructor(
    private readonly images: ImagesService,
    private readonly blueprint: LabBlueprint,
    private readonly settings: AppSettings,
    private readonly clock: Clock,
  ) {}

  /** What the request wishes. @throws {ClientError} in the contract's order */
  async wishOf(request: CreateLab): Promise<LabWish> {
    const owner = ownerOf(request.user);
    const image = await this.imageOf(request);
    const size = this.sizeOf(request);
    measured(owner);
    const carried = measureRequest({ env: request.env, token: request.token });
    if (carried) throw new LabTooLarge(carried.message, IN_ENVIRONMENT);
    const wish = this.wished(request, { owner, image, size });
    await this.measure(wish, request);
    return wish;
  }

  /** What the size takes of the quota, also where it is too much; undefined without a quota or such a size. */
  quotaEffect({ user, size }: CreateLab): QuotaEffect | undefined {
    const found = this.sizeNamed(size);
    const limit = quotaOf(user);
    return limit && found ? { limit, wanted: found.resources.limits } : undefined;
  }

  private async imageOf({ image }: CreateLab): Promise<LabImage> {
    const wanted: ImageRequest = image.kind === 'class' ? { kind: 'class', class: image.imageClass } : image;
    const location = ['body', 'options', image.field] as const;
    const { reference, tag, digest, displayName } = await this.images.resolve(wanted, location);
    return { reference, tag, digest, displayName };
  }

  private sizeOf({ user, size }: CreateLab): LabSize {
    const found = this.sizeNamed(size);
    if (!found) throw new InvalidLabSize(size);
    const { limits } = found.resources;
    if (user.quota && (user.quota.memory < limits.memory || user.quota.cpu < limits.cpu)) {
      throw new InsufficientQuota(size);
    }
    return found;
  }

  private sizeNamed(name: string): LabSize | undefined {
    return this.settings.lab.sizes.find(({ size }) => size === name);
  }

  private wished(
    request: CreateLab,
    { owner, image, size }: { readonly owner: Owner; readonly image: LabImage; readonly size: LabSize },
  ): LabWish {
    return {
      owner,
      labName: DEFAULT_LAB,
      desiredState: 'running',
      operation: { id: newOperationId(), kind: 'spawn', acceptedAt: this.clock.now() },
      image,
      size: size.size,
      resources: size.resources,
      options: { enableDebug: request.enableDebug, resetUserEnv: request.resetUserEnv },
      quota: quotaOf(request.user),
      servicePrefix: request.env.JUPYTERHUB_SERVICE_PREFIX ?? '',
      lane: laneOf(owner.groups, this.settings.berth.queue.lanes),
    };
  }

  /** Builds the objects as the leader will, and measures them. What the operator has to mend is told by the spawn. */
  private async measure(wish: LabWish, { env, token }: CreateLab): Promise<void> {
    try {
      const objects = await this.blueprint.draft(unwritten(wish), { env, token });
      const problem = measureLabObjects(objects);
      if (problem) throw new LabTooLarge(problem.message, placeOf(problem.reason));
    } catch (error) {
      if (!(error instanceof MissingSecret)) throw error;
    }
  }
}

/** Of what a lab holds, a request says only its environment; the rest is the operator's. */
const placeOf = (reason: string): typeof IN_ENVIRONMENT | undefined =>
  reason.startsWith('environment_') ? IN_ENVIRONMENT : undefined;

function ownerOf(user: Requester): Owner {
  if (user.quota && !user.quota.spawn) throw new SpawnNotPermitted('Spawning a notebook is not permitted');
  const { username, name, uid, gid, groups } = user;
  if (!uid) throw new SpawnNotPermitted('Must have a UID to spawn labs');
  if (!gid) throw new SpawnNotPermitted('Must have a GID to spawn labs');
  return recordable({ username, name, uid, gid, groups });
}

/** What of the owner would fit into no record and no pod. */
function measured(owner: Owner): void {
  const problem = ownerProblem(owner);
  if (!problem) return;
  const { reason, message, location } = problem;
  throw reason === 'too_many_groups' ? new TooManyGroups(message) : new LabTooLarge(message, location);
}

/** The namespace's quota (contract 5.2, object 8). */
const quotaOf = ({ quota }: Requester): Quantities | null =>
  quota ? { cpu: quota.cpu, memory: quota.memory } : null;

/** A lab as it would be once recorded; its UID is as long as any. */
export const unwritten = (wish: LabWish): Lab => ({
  name: labName(wish.owner.username, wish.labName),
  uid: '00000000-0000-0000-0000-000000000000',
  resourceVersion: '',
  generation: 1,
  beingDeleted: false,
  finalizers: [],
  wish,
  record: { phase: 'pending', operation: null, ledger: [], conditions: [], failure: null, past: [] },
});
