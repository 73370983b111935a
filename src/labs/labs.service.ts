import { Injectable } from '@nestjs/common';

import { LabCreateService } from './lab-create.service.js';
import { LabRemoveService } from './lab-remove.service.js';
import { LabStatusService } from './lab-status.service.js';
import type { CreateLab, LabStatusView, ProgressStream, StatusAsker } from './lab.views.js';
import { LabsProgress } from './labs.progress.js';

/** The verbs of the room, for whoever answers requests. */
@Injectable()
export class LabsService {
  constructor(
    private readonly creation: LabCreateService,
    private readonly removal: LabRemoveService,
    private readonly states: LabStatusService,
    private readonly stories: LabsProgress,
  ) {}

  /**
   * Accepts a spawn: when this resolves, the wish is durable and the leader brings it about.
   * Writes nothing any more when `isAwaited` answers no.
   * @throws {ClientError} in the order of contract 2.6, checks 4 to 11
   */
  create(request: CreateLab, isAwaited?: () => boolean): Promise<{ readonly operationId: string }> {
    return this.creation.create(request, isAwaited);
  }

  /** @throws {UnknownUser} when there is no lab, confirmed by a live read @throws {LabsNotReady} */
  status(username: string, asker: StatusAsker): Promise<LabStatusView> {
    return this.states.status(username, asker);
  }

  /** Usernames whose lab runs, from the cache once it holds every lab. @throws {LabsNotReady} */
  list(): Promise<readonly string[]> {
    return this.states.list();
  }

  /** The same as far as is known now. */
  running(): readonly string[] {
    return this.states.running();
  }

  /**
   * Stops the lab and resolves when nothing of it is left; joins a stop that is under way.
   * @throws {UnknownUser} @throws {DeleteFailed} after `lab.deleteTimeout`
   */
  remove(username: string): Promise<void> {
    return this.removal.remove(username);
  }

  /**
   * Opens the story of the latest operation, after the entry with id `after` if it belongs to that operation.
   * @throws {UnknownUser} also where the lab is that of somebody who had the name before `asker` @throws {TooManyStreams} @throws {LabsNotReady}
   */
  progress(
    username: string,
    after: string | undefined,
    asker: Pick<StatusAsker, 'uid'> = {},
  ): Promise<ProgressStream> {
    return this.stories.open(username, after, asker);
  }
}
