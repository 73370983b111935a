import type { Claim, StorageClass } from './claim-types.js';
import { claimPath, selectedNode, waitsForConsumer } from './claim-types.js';
import { EventRecorder } from './events.js';
import { keyOf } from './informer.js';
import { KeyQueue } from './pacing.js';
import type { SharedInformers } from './shared.js';
import type { Actor } from './types.js';

const path = '/api/v1/persistentvolumeclaims';
const classesPath = '/apis/storage.k8s.io/v1/storageclasses';

/** Provisions a volume for each claim whose StorageClass exists: at once, or when a pod's node has been chosen. */
export class ClaimBinding implements Actor {
  private readonly queue = new KeyQueue((key) => this.work(key), 8);
  private readonly recorder: EventRecorder;
  private unsubscribe: (() => void)[] = [];

  constructor(private readonly informers: SharedInformers) {
    this.recorder = new EventRecorder(informers.client, { component: 'persistentvolume-controller' });
  }

  async start(): Promise<void> {
    const claims = this.informers.get<Claim>(path);
    const classes = this.informers.get<StorageClass>(classesPath);
    await Promise.all([claims.start(), classes.start()]);
    this.unsubscribe = [
      claims.subscribe({
        changed: (claim) => this.queue.add(keyOf(claim)),
        gone: (claim) => void this.reclaim(claim).catch(() => undefined),
      }),
      classes.subscribe({
        changed: () => {
          for (const key of claims.store.keys()) this.queue.add(key);
        },
      }),
    ];
  }

  async close(): Promise<void> {
    for (const each of this.unsubscribe) each();
    await this.queue.close();
  }

  private async work(key: string): Promise<number | undefined> {
    const claim = this.informers.get<Claim>(path).store.get(key);
    if (claim === undefined || claim.status?.phase === 'Bound') return undefined;
    if (claim.metadata.deletionTimestamp !== undefined) return undefined;
    const name = claim.spec.storageClassName ?? '';
    if (name === '') return undefined;
    const storageClass = this.informers.get<StorageClass>(classesPath).store.get(name);
    if (storageClass === undefined) {
      this.complain(claim, 'ProvisioningFailed', `storageclass.storage.k8s.io "${name}" not found`);
    } else if (waitsForConsumer(storageClass) && !chosen(claim)) {
      const message = 'waiting for first consumer to be created before binding';
      this.complain(claim, 'WaitForFirstConsumer', message);
    } else {
      await this.provision(claim, storageClass);
    }
    return undefined;
  }

  private complain(claim: Claim, reason: string, message: string): void {
    const type = reason === 'ProvisioningFailed' ? 'Warning' : 'Normal';
    const object = { ...claim, apiVersion: 'v1', kind: 'PersistentVolumeClaim' };
    this.recorder.note({ object, type, reason, message });
  }

  private async provision(claim: Claim, storageClass: StorageClass): Promise<void> {
    const { client } = this.informers;
    const { spec } = claim;
    const name = `pvc-${claim.metadata.uid}`;
    await client.createIfAbsent('/api/v1/persistentvolumes', volume(name, claim, storageClass));
    const volumes = '/api/v1/persistentvolumes';
    await client.merge(`${volumes}/${name}/status`, { status: { phase: 'Bound' } });
    await client.merge(claimPath(claim), {
      metadata: {
        uid: claim.metadata.uid,
        annotations: {
          'pv.kubernetes.io/bind-completed': 'yes',
          'pv.kubernetes.io/bound-by-controller': 'yes',
          'volume.kubernetes.io/storage-provisioner': storageClass.provisioner,
        },
      },
      spec: { volumeName: name },
    });
    const capacity = { storage: spec.resources?.requests?.['storage'] ?? '1Gi' };
    await client.merge(`${claimPath(claim)}/status`, {
      status: { phase: 'Bound', accessModes: spec.accessModes ?? [], capacity },
    });
    const object = { ...claim, apiVersion: 'v1', kind: 'PersistentVolumeClaim' };
    const message = `Successfully provisioned volume ${name}`;
    this.recorder.note({ object, type: 'Normal', reason: 'ProvisioningSucceeded', message });
  }

  /** The volume of a deleted claim goes with it, unless it is to be retained. */
  private async reclaim(claim: Claim): Promise<void> {
    const { client } = this.informers;
    const volumePath = `/api/v1/persistentvolumes/${claim.spec.volumeName ?? `pvc-${claim.metadata.uid}`}`;
    const bound = await client.find<{ spec: { persistentVolumeReclaimPolicy?: string } }>(volumePath);
    if (bound === undefined) return;
    if (bound.spec.persistentVolumeReclaimPolicy === 'Retain')
      await client.merge(`${volumePath}/status`, { status: { phase: 'Released' } });
    else await client.remove(volumePath);
  }
}

const chosen = ({ metadata }: Claim): boolean => metadata.annotations?.[selectedNode] !== undefined;

function volume(name: string, claim: Claim, storageClass: StorageClass): object {
  const { metadata, spec } = claim;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name, annotations: { 'pv.kubernetes.io/provisioned-by': storageClass.provisioner } },
    spec: {
      capacity: { storage: spec.resources?.requests?.['storage'] ?? '1Gi' },
      accessModes: spec.accessModes ?? ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? 'Delete',
      storageClassName: storageClass.metadata.name,
      volumeMode: spec.volumeMode ?? 'Filesystem',
      hostPath: { path: `/var/lib/simulator/${name}` },
      claimRef: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        namespace: metadata.namespace,
        name: metadata.name,
        uid: metadata.uid,
      },
    },
  };
}
