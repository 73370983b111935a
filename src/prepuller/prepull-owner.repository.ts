import type { V1OwnerReference } from '@kubernetes/client-node';
import { Injectable } from '@nestjs/common';
import { Log } from '../common/logger.js';
import type { Plain } from '../common/plain.js';
import { AppSettings } from '../config/index.js';
import { KubeConnection, KubeReader, KubernetesError, PODS } from '../kubernetes/index.js';
import type { KubeObject, ResourceKind } from '../kubernetes/index.js';

type Owner = Plain<V1OwnerReference>;

const REPLICA_SETS: ResourceKind = {
  group: 'apps',
  version: 'v1',
  kind: 'ReplicaSet',
  plural: 'replicasets',
  namespaced: true,
};

/**
 * To whom prepull pods belong: the Deployment of this very process, which outlives its pods. Then a roll-out cuts no pull
 * short, and an uninstallation leaves no pod behind. Found through our own pod, by two reads in the life of a process.
 */
@Injectable()
export class PrepullOwner {
  private found: { readonly owner: Owner | undefined } | undefined;

  constructor(
    private readonly settings: AppSettings,
    private readonly connection: KubeConnection,
    private readonly reader: KubeReader,
    private readonly log: Log,
  ) {}

  /** Undefined outside a pod, and where the way to the Deployment is barred; pods are then found by their labels alone. */
  async find(signal: AbortSignal): Promise<Owner | undefined> {
    this.found ??= { owner: await this.search(signal) };
    return this.found.owner;
  }

  private async search(signal: AbortSignal): Promise<Owner | undefined> {
    const { name } = this.settings.pod;
    if (name === undefined) return undefined;
    try {
      const owner = await this.controllerOf(PODS, name, signal);
      if (owner?.kind !== 'ReplicaSet') return owner;
      return (await this.controllerOf(REPLICA_SETS, owner.name, signal)) ?? owner;
    } catch (error) {
      if (!(error instanceof KubernetesError) || error.status !== 403) throw error;
      this.log.warn('prepull pods have no owner: we may not look for our Deployment', { error });
      return undefined;
    }
  }

  private async controllerOf(
    kind: ResourceKind,
    name: string,
    signal: AbortSignal,
  ): Promise<Owner | undefined> {
    const { namespace } = this.connection;
    const options = { priority: 'background', reason: 'prepull-owner', signal } as const;
    const object: KubeObject | undefined = await this.reader.get(kind, { namespace, name }, options);
    const owner = object?.metadata?.ownerReferences?.find(({ controller }) => controller);
    return owner && { apiVersion: owner.apiVersion, kind: owner.kind, name: owner.name, uid: owner.uid };
  }
}
