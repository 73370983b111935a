import { Injectable } from '@nestjs/common';

import { Clock } from '../common/clock.js';
import { millis, seconds } from '../common/units.js';
import type { Millis } from '../common/units.js';
import { KubernetesError } from '../kubernetes/index.js';
import type { FileServer } from './fileserver.js';
import { FileserverView } from './fileserver.view.js';
import { FileserversAdoption } from './fileservers.adoption.js';
import { FilesNotReady } from './fileservers.errors.js';

/** How long a request for one server is held (design section 2). */
const HELD = seconds(45);
/** What can't be adopted in this time must not keep everybody else waiting. */
const ADOPTION_PATIENCE = seconds(60);
const LOOK_EVERY = millis(100);
const ASK_EVERY = seconds(1);

/** Whether anything certain can be said about file servers. */
@Injectable()
export class FileserversReadiness {
  private latched = false;
  private syncedAt: Millis | undefined;

  constructor(
    private readonly view: FileserverView,
    private readonly adoption: FileserversAdoption,
    private readonly clock: Clock,
  ) {}

  /** Caches were filled and nothing was left to adopt; never becomes false again. */
  get ready(): boolean {
    if (this.latched || !this.view.synced) return this.latched;
    this.syncedAt ??= this.clock.monotonic();
    const patient = this.clock.monotonic() - this.syncedAt < ADOPTION_PATIENCE;
    this.latched = !patient || this.adoption.pending().length === 0;
    return this.latched;
  }

  /** Resolves when this server's state is known here. @throws {FilesNotReady} after 45 s */
  async hold(name: string): Promise<void> {
    const until = this.clock.monotonic() + HELD;
    while (!this.view.synced || this.adoption.isPendingFor(name)) {
      if (this.clock.monotonic() >= until) throw new FilesNotReady('not_synced');
      await this.clock.sleep(LOOK_EVERY);
    }
  }

  /** The server as it is now, asked again for up to 45 s while the API server does not answer. @throws {FilesNotReady} */
  async confirmed(name: string): Promise<FileServer | undefined> {
    const until = this.clock.monotonic() + HELD;
    for (;;) {
      try {
        return await this.view.servers.confirm(name);
      } catch (error) {
        if (!(error instanceof KubernetesError)) throw error;
        if (this.clock.monotonic() >= until) throw new FilesNotReady('unconfirmed');
      }
      await this.clock.sleep(ASK_EVERY);
    }
  }
}
