import { Injectable } from '@nestjs/common';

import { ClientError, ControllerError } from '../../common/errors.js';
import { ImageMatrix } from '../../images/index.js';
import { LabBlueprint } from '../lab.blueprint.js';
import { LabRequestCheck, unwritten } from '../lab-request.check.js';
import type { LabWish } from '../lab.js';
import { labName } from '../lab.names.js';
import { phaseOf } from '../lab.phase.js';
import type { CreateLab, DryRunView, Refusal } from '../lab.views.js';
import { LabExists, OperationInProgress } from '../labs.errors.js';
import { LabsReadiness } from '../labs.readiness.js';
import { MissingSecret } from '../objects/index.js';
import { masked } from './masked.mapper.js';

/** Does everything that a spawn does before its first write, and tells what would come of it. */
@Injectable()
export class LabDryRun {
  constructor(
    private readonly check: LabRequestCheck,
    private readonly blueprint: LabBlueprint,
    private readonly readiness: LabsReadiness,
    private readonly matrix: ImageMatrix,
  ) {}

  /** @throws {LabsNotReady} if nothing certain can be said */
  async run(request: CreateLab): Promise<DryRunView> {
    return { ...(await this.wouldBe(request)), quota: this.check.quotaEffect(request) };
  }

  private async wouldBe(request: CreateLab): Promise<Omit<DryRunView, 'quota'>> {
    try {
      const wish = await this.check.wishOf(request);
      const refusals = await this.conflicts(wish);
      return await this.drawn(wish, request, refusals);
    } catch (error) {
      if (!(error instanceof ClientError) || error.status >= 500) throw error;
      return { wish: undefined, nodes: [], objects: [], refusals: [refusalOf(error, error.status)] };
    }
  }

  private async drawn(
    wish: LabWish,
    { env, token }: CreateLab,
    refusals: readonly Refusal[],
  ): Promise<Omit<DryRunView, 'quota'>> {
    const nodes = this.nodesWith(wish.image.digest);
    try {
      const drawn = await this.blueprint.drawnFor(unwritten(wish), { env, token });
      return { wish, nodes, refusals, objects: drawn.map(({ object }) => masked(object)) };
    } catch (error) {
      if (!(error instanceof MissingSecret)) throw error;
      return { wish, nodes, objects: [], refusals: [...refusals, refusalOf(error, undefined)] };
    }
  }

  /** Checks 10 and 11 of contract 2.6. */
  private async conflicts({ owner }: LabWish): Promise<readonly Refusal[]> {
    const name = labName(owner.username);
    await this.readiness.hold(name);
    const lab = await this.readiness.confirmed(name);
    if (!lab || lab.wish.owner.uid !== owner.uid) return [];
    const phase = phaseOf(lab);
    if (phase === 'running') return [refusalOf(new LabExists(owner.username), 409)];
    const isBusy = phase === 'pending' || phase === 'terminating';
    return isBusy ? [refusalOf(new OperationInProgress(owner.username), 409)] : [];
  }

  private nodesWith(digest: string): DryRunView['nodes'] {
    return this.matrix.allRows().map(({ name, eligible, comment, images }) => {
      const state = images.get(digest)?.state;
      const isPresent = state === 'present' || state === 'proven';
      return { name, eligible, comment: comment ?? null, isPresent };
    });
  }
}

/** `status`: what `create` would answer; absent for what only the spawn itself would find out. */
function refusalOf(error: ControllerError, status: number | undefined): Refusal {
  const location = error instanceof ClientError ? error.location : undefined;
  return { status: status ?? null, code: error.code, message: error.message, location: location ?? null };
}
