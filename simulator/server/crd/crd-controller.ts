import type { Cluster } from '../cluster.js';
import type { KubeObject } from '../objects.js';
import { clone, fieldsOf, recordsOf, timestamp } from '../objects.js';
import type { Resource } from '../resources/resource.js';
import { parse } from '../store/entry.js';
import type { Change } from '../store/entry.js';
import { CLEANUP } from './crd-strategy.js';
import { resourcesOf } from './crd-resource.js';

const CRDS = 'customresourcedefinitions.apiextensions.k8s.io';

/** Serves what CRDs define: from creation, through changes, until the last object of a deleted one is gone. */
export class CrdController {
  private readonly served = new Map<string, Resource[]>();

  constructor(private readonly cluster: Cluster) {
    cluster.store.onChange((storage, change) => this.onChange(storage, change));
  }

  private onChange(storage: string, change: Change): void {
    if (storage === CRDS) this.onCrd(change);
    else if (change.type === 'DELETED') this.releaseIfEmpty(storage);
  }

  private onCrd({ type, entry }: Change): void {
    this.withdraw(entry.name);
    if (type === 'DELETED') return;
    const crd = parse(entry);
    const resources = resourcesOf(crd);
    resources.forEach((resource) => this.cluster.registry.add(resource));
    this.served.set(entry.name, resources);
    if (recordsOf(fieldsOf(crd['status'])['conditions']).length === 0) this.establish(crd);
    else if (crd.metadata.deletionTimestamp !== undefined) this.empty(crd);
  }

  private withdraw(name: string): void {
    this.served.get(name)?.forEach((resource) => this.cluster.registry.remove(resource));
    this.served.delete(name);
  }

  private establish(crd: KubeObject): void {
    const lastTransitionTime = timestamp(this.cluster.nowMs());
    const conditions = [
      { type: 'NamesAccepted', reason: 'NoConflicts', message: 'no conflicts found' },
      {
        type: 'Established',
        reason: 'InitialNamesAccepted',
        message: 'the initial names have been accepted',
      },
    ].map((condition) => ({ ...condition, status: 'True', lastTransitionTime }));
    const acceptedNames = clone(fieldsOf(crd['spec'])['names']);
    this.cluster.write(CRDS, {
      ...crd,
      status: { ...fieldsOf(crd['status']), conditions, acceptedNames },
    });
  }

  /** Deletes the objects of a CRD that goes; those with finalizers hold it up. */
  private empty(crd: KubeObject): void {
    const storage = this.served.get(crd.metadata.name)?.[0]?.storage;
    if (storage === undefined) return;
    for (const object of this.cluster.list(storage, '')) {
      if ((object.metadata.finalizers ?? []).length === 0) this.cluster.store.remove(storage, object);
      else if (object.metadata.deletionTimestamp === undefined) this.markDeleted(storage, object);
    }
    this.releaseIfEmpty(storage);
  }

  private markDeleted(storage: string, object: KubeObject): void {
    const deletionTimestamp = timestamp(this.cluster.nowMs());
    const metadata = { ...object.metadata, deletionTimestamp, deletionGracePeriodSeconds: 0 };
    this.cluster.write(storage, { ...object, metadata });
  }

  /** Takes the clean-up finalizer off a CRD under deletion once nothing of it is left. */
  private releaseIfEmpty(storage: string): void {
    const crd = this.cluster.find(CRDS, '', storage);
    if (crd?.metadata.deletionTimestamp === undefined) return;
    if (this.cluster.store.table(storage).count > 0 || !crd.metadata.finalizers?.includes(CLEANUP)) return;
    const finalizers = crd.metadata.finalizers.filter((name) => name !== CLEANUP);
    const { finalizers: _old, ...rest } = crd.metadata;
    const metadata = finalizers.length > 0 ? { ...rest, finalizers } : rest;
    if (finalizers.length > 0) this.cluster.write(CRDS, { ...crd, metadata });
    else this.cluster.store.remove(CRDS, { ...crd, metadata });
  }
}
