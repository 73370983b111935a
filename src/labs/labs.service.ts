import { Injectable } from '@nestjs/common';

import type { CreateLab, LabStatusView, ProgressStream, StatusAsker } from './lab.views.js';

/** The verbs of the room, for whoever answers requests. */
@Injectable()
export class LabsService {
  /**
   * Accepts a spawn: when this resolves, the wish is durable and the leader brings it about.
   * @throws {ClientError} in the order of contract 2.6, checks 4 to 11
   */
  create(_request: CreateLab): Promise<{ readonly operationId: string }> {
    return Promise.reject(new Error('under construction'));
  }

  /** @throws {UnknownUser} when there is no lab, confirmed by a live read */
  status(_username: string, _asker: StatusAsker): Promise<LabStatusView> {
    return Promise.reject(new Error('under construction'));
  }

  /** Usernames whose lab runs, from the cache. */
  running(): readonly string[] {
    throw new Error('under construction');
  }

  /**
   * Stops the lab and resolves when nothing of it is left; joins a stop that is under way.
   * @throws {UnknownUser} @throws {DeleteFailed} after `lab.deleteTimeout`
   */
  remove(_username: string): Promise<void> {
    return Promise.reject(new Error('under construction'));
  }

  /**
   * Opens the story of the latest operation, after the entry with id `after` if it belongs to that operation.
   * @throws {UnknownUser} @throws {TooManyStreams}
   */
  progress(_username: string, _after: string | undefined): Promise<ProgressStream> {
    return Promise.reject(new Error('under construction'));
  }
}
