import { Injectable } from '@nestjs/common';

import { FileserverContext } from './fileserver.context.js';
import type { FileServer } from './fileserver.js';
import { FileserverWorld } from './fileserver-world.repository.js';
import { FileserverKeys } from './fileserver-keys.repository.js';
import type { ObservedServer, Terms } from './fileserver.observed.js';
import { FileserversMemory } from './fileservers.memory.js';
import { FileserversRepository } from './fileservers.repository.js';
import { buildClaims, serverUrl } from './objects/index.js';
import type { ServerBuildInput } from './objects/index.js';

/** Everything that is known here of file servers, without asking anybody. */
@Injectable()
export class FileserverView {
  readonly terms: Terms;
  readonly memory: FileserversMemory;
  private readonly settings: FileserverContext['settings'];
  /** Servers ask us whose credentials they are shown. */
  private readonly verifies: boolean;
  private readonly claims: number;

  constructor(
    readonly servers: FileserversRepository,
    readonly world: FileserverWorld,
    readonly keys: FileserverKeys,
    context: FileserverContext,
  ) {
    const { settings, clock } = context;
    this.settings = settings;
    this.memory = new FileserversMemory(clock);
    this.verifies = settings.berth.fileservers.publish !== 'gafaelfawr';
    const mounted = new Set(world.files.volumeMounts.map(({ volumeName }) => volumeName));
    const claims = settings.lab.volumes.filter(
      ({ name, source }) => mounted.has(name) && source.type === 'persistentVolumeClaim',
    );
    this.claims = claims.length;
    const { creationTimeout } = world.files;
    this.terms = { creationTimeout, hasClaims: claims.length > 0, hasKey: this.verifies };
  }

  get publish(): ServerBuildInput['publishing']['publish'] {
    return this.settings.berth.fileservers.publish;
  }

  get synced(): boolean {
    return this.servers.synced && this.world.synced && this.keys.synced;
  }

  observe(server: FileServer): ObservedServer {
    return {
      server,
      ...this.world.observe(server),
      remembered: this.memory.recall(server, this.claims),
      terms: this.terms,
    };
  }

  urlOf(server: Pick<FileServer, 'name' | 'uid' | 'wish'>): string {
    return serverUrl(this.inputOf(server));
  }

  inputOf(server: Pick<FileServer, 'name' | 'uid' | 'wish'>): ServerBuildInput {
    const { settings } = this;
    const { verifyUrl } = settings.berth.fileservers;
    return {
      server,
      instance: this.servers.instance,
      files: this.world.files,
      publishing: settings.berth.fileservers,
      volumes: settings.lab.volumes,
      image: settings.utilityImage,
      baseUrl: settings.externalInstanceUrl.replace(/\/+$/, ''),
      verifyUrl: this.verifies ? `${(verifyUrl ?? '').replace(/\/+$/, '')}/fileserver/v1/verify` : undefined,
    };
  }

  claimsOf(server: FileServer): ReturnType<typeof buildClaims> {
    return buildClaims(this.inputOf(server));
  }
}
