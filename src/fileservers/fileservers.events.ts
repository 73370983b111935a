import { DomainEvent } from '../events/index.js';

/** Somebody asked for a server, or for its end: the leader has work. */
export class FileServerWished extends DomainEvent {
  static readonly type = 'fileserver.wished';

  constructor(readonly server: string) {
    super();
  }
}

export class FileServerStarted extends DomainEvent {
  static readonly type = 'fileserver.started';

  constructor(readonly server: string) {
    super();
  }
}

export class FileServerFailed extends DomainEvent {
  static readonly type = 'fileserver.failed';

  constructor(
    readonly server: string,
    readonly reason: string,
  ) {
    super();
  }
}

export class FileServerStopped extends DomainEvent {
  static readonly type = 'fileserver.stopped';

  constructor(readonly server: string) {
    super();
  }
}
