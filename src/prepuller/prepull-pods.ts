import { Injectable } from '@nestjs/common';
import { AppSettings } from '../config/index.js';
import { KubeConnection } from '../kubernetes/index.js';
import { buildPrepullPod } from './prepull-pod.builder.js';
import { PrepullOwner } from './prepull-owner.repository.js';
import type { WantedImage } from './prepull.js';

/** Prepull pods as the configuration and our Deployment make them. */
@Injectable()
export class PrepullPods {
  constructor(
    private readonly settings: AppSettings,
    private readonly connection: KubeConnection,
    private readonly owner: PrepullOwner,
  ) {}

  /** @throws {KubernetesError} while it is not known whose it shall be */
  async build(
    image: WantedImage,
    node: string,
    signal: AbortSignal,
  ): Promise<ReturnType<typeof buildPrepullPod>> {
    const { pullSecret, tolerations } = this.settings.lab;
    const { namespace } = this.connection;
    const owner = await this.owner.find(signal);
    return buildPrepullPod(image, node, { namespace, pullSecret, tolerations, owner });
  }
}
