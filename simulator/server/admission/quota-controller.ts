import type { Cluster } from '../cluster.js';
import type { Change } from '../store/entry.js';
import { recountQuotas } from './quota.js';

const QUOTAS = 'resourcequotas';

/** Keeps `status.used` true when objects go, pods end, or quotas change: what admission can't see. */
export class QuotaController {
  private readonly dirty = new Set<string>();

  constructor(private readonly cluster: Cluster) {
    cluster.store.onChange((storage, change) => this.onChange(storage, change));
  }

  private onChange(storage: string, change: Change): void {
    const { namespace } = change.entry;
    if (namespace === '' || this.cluster.store.table(QUOTAS).list(namespace).length === 0) return;
    const isEnd = change.type === 'DELETED' || (storage === 'pods' && hasEnded(change));
    if (storage !== QUOTAS && !isEnd) return;
    if (this.dirty.has(namespace)) return;
    this.dirty.add(namespace);
    queueMicrotask(() => {
      this.dirty.delete(namespace);
      recountQuotas(this.cluster, namespace);
    });
  }
}

function hasEnded({ entry, previous }: Change): boolean {
  const now = entry.fields?.['status.phase'];
  return now !== previous?.fields?.['status.phase'] && (now === 'Succeeded' || now === 'Failed');
}
