import { Injectable } from '@nestjs/common';

import { Clock } from '../common/clock.js';
import { Log } from '../common/logger.js';
import { AppSettings } from '../config/index.js';
import { EventBus } from '../events/index.js';

/** What those who act need besides the cluster. */
@Injectable()
export class FileserverContext {
  constructor(
    readonly settings: AppSettings,
    readonly clock: Clock,
    readonly log: Log,
    readonly bus: EventBus,
  ) {}
}
