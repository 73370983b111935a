import { Injectable } from '@nestjs/common';

import { Informers, NETWORK_POLICIES, SERVICES } from '../kubernetes/index.js';
import type { Informer, KubeObject, ResourceKind } from '../kubernetes/index.js';
import type { LabObjectNames } from './lab.names.js';
import type { NetworkKind } from './lab.observed.js';

/** What leads to labs, by name alone: whose a Service is says its namespace. */
@Injectable()
export class LabNetwork {
  private readonly services: Informer<string>;
  private readonly policies: Informer<string>;

  constructor(informers: Informers) {
    this.services = informers.add(namesOf(SERVICES));
    this.policies = informers.add(namesOf(NETWORK_POLICIES));
  }

  get synced(): boolean {
    return this.services.synced && this.policies.synced;
  }

  /** Which of them a lab's namespace lacks. */
  missing({ namespace, service, policy }: LabObjectNames): readonly NetworkKind[] {
    return [
      ...(this.policies.get({ namespace, name: policy }) === undefined ? (['NetworkPolicy'] as const) : []),
      ...(this.services.get({ namespace, name: service }) === undefined ? (['Service'] as const) : []),
    ];
  }

  /** Calls back with the namespace of each that was deleted; the returned function ends it. */
  onLoss(listener: (namespace: string) => void): () => void {
    const ends = [this.services, this.policies].map((informer) =>
      informer.onChange(({ kind, value }) => {
        if (kind === 'deleted') listener(value);
      }),
    );
    return () => {
      for (const end of ends) end();
    };
  }
}

const namesOf = (kind: ResourceKind) =>
  ({
    kind,
    metadataOnly: true,
    labelSelector: 'nublado.lsst.io/category=lab',
    project: ({ metadata }: KubeObject): string => metadata?.namespace ?? '',
  }) as const;
