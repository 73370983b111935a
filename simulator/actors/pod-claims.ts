import type { Client } from './client.js';
import type { Claim, StorageClass } from './claim-types.js';
import { claimPath, selectedNode, waitsForConsumer } from './claim-types.js';
import type { Pod } from './types.js';

/** What the scheduler has to know of a pod's persistent volume claims. */
export class ClaimCheck {
  constructor(private readonly client: Client) {}

  /** Why the claims keep the pod from every node, or undefined. */
  async obstacle(pod: Pod): Promise<string | undefined> {
    for (const { name, claim } of await this.claims(pod)) {
      if (claim === undefined) return `persistentvolumeclaim "${name}" not found`;
      if (isBound(claim) || (await this.waits(claim))) continue;
      return 'pod has unbound immediate PersistentVolumeClaims';
    }
    return undefined;
  }

  /** Whether all claims are bound; asks for those that waited for this decision. */
  async bound(pod: Pod, node: string): Promise<boolean> {
    const unbound = (await this.claims(pod)).filter(({ claim }) => claim !== undefined && !isBound(claim));
    for (const { claim } of unbound)
      if (claim && claim.metadata.annotations?.[selectedNode] === undefined)
        await this.client.merge(claimPath(claim), { metadata: { annotations: { [selectedNode]: node } } });
    return unbound.length === 0;
  }

  private async claims(pod: Pod): Promise<{ name: string; claim: Claim | undefined }[]> {
    const names = (pod.spec.volumes ?? []).flatMap((each) => each.persistentVolumeClaim?.claimName ?? []);
    const { namespace = 'default' } = pod.metadata;
    const base = `/api/v1/namespaces/${namespace}/persistentvolumeclaims`;
    return Promise.all(
      names.map(async (name) => ({ name, claim: await this.client.find<Claim>(`${base}/${name}`) })),
    );
  }

  private async waits(claim: Claim): Promise<boolean> {
    const name = claim.spec.storageClassName;
    if (name === undefined || name === '') return false;
    const path = `/apis/storage.k8s.io/v1/storageclasses/${name}`;
    const storageClass = await this.client.find<StorageClass>(path);
    return storageClass !== undefined && waitsForConsumer(storageClass);
  }
}

const isBound = (claim: Claim): boolean => claim.status?.phase === 'Bound';
